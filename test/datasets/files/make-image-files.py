"""Writes the test sets of images, each by the tool that people use, and image-files.json: what that tool reads back.

pip install numpy==2.4.6 pillow==13.0.0 pyarrow==26.0.1 datasets==5.2.0 webdataset==1.0.2
python make-image-files.py

Pixels are those of Pillow's `Image.open(path).convert("RGB")`, uint8, channels first.
"""

import base64
import hashlib
import io
import json
import os
import shutil
import struct
import tarfile
import zlib
from pathlib import Path

import datasets
import numpy as np
import pyarrow
import pyarrow.parquet
import webdataset
from PIL import Image, ImageCms

HERE = Path(__file__).resolve().parent
os.chdir(HERE)
random = np.random.default_rng(2011)
expected = {}


def picture(width, height):
    """Smooth colours with some noise: compresses well, and no two rows, columns or channels are alike."""
    y, x = np.mgrid[0:height, 0:width]
    a, b, c = random.uniform(0.08, 0.25, 3)
    channels = [127 + 100 * np.sin(a * x + 1), 127 + 100 * np.cos(b * y + c * x), 127 + 100 * np.sin(c * (x + 2 * y))]
    pixels = np.stack(channels, axis=-1) + random.normal(scale=2, size=(height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir()


def save(path, image, **options):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


def png_of_16_bits(path, values):
    """Of three channels, which Pillow reads and can't write."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    body = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    Path(path).write_bytes(body)


def pixels(path):
    with Image.open(path) as image:
        array = np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    return {"shape": list(array.shape), "deflated": base64.b64encode(zlib.compress(array.tobytes(), 9)).decode()}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# A folder of images, a subfolder for each class. Capitals sort before small letters, as in Python's sorted().
fresh("image-folder")
swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
swapped = swapped[:24] + bytes(12) + swapped[36:]  # Its date.
swapped = swapped.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
turned = Image.Exif()
turned[0x0112] = 6  # Orientation: shown turned by 90 degrees. Neither Pillow nor torchvision turns it.
with_alpha = picture(25, 21)
with_alpha.putalpha(Image.fromarray(np.tile(np.arange(0, 250, 10, dtype=np.uint8), (21, 1))))
save("image-folder/cat/444.jpg", picture(24, 20), quality=90, subsampling="4:4:4")
save("image-folder/cat/420.jpg", picture(33, 25), quality=90, subsampling="4:2:0")
save("image-folder/cat/422.jpg", picture(25, 33), quality=90, subsampling="4:2:2")
save("image-folder/cat/progressive.jpeg", picture(40, 33), quality=85, progressive=True)
save("image-folder/cat/grey.JPG", picture(24, 24).convert("L"), quality=90)
save("image-folder/cat/cmyk.jpg", picture(24, 20).convert("CMYK"), quality=90)
save("image-folder/cat/turned.jpg", picture(30, 20), quality=90, exif=turned)
save("image-folder/cat/profile.jpg", picture(24, 20), quality=90, icc_profile=swapped)
save("image-folder/dog/rgb.png", picture(24, 20), optimize=True)
save("image-folder/dog/grey.png", picture(28, 20).convert("L"), optimize=True)
save("image-folder/dog/alpha.png", with_alpha, optimize=True)
save("image-folder/dog/grey-alpha.png", with_alpha.convert("LA"), optimize=True)
save("image-folder/dog/palette.png", picture(24, 20).quantize(16), optimize=True)
save("image-folder/dog/one-bit.png", picture(24, 20).convert("1"), optimize=True)
ramp = np.linspace(7, 65535, 336).astype(np.uint16)
save("image-folder/dog/grey-16-bit.png", Image.fromarray(ramp.reshape(14, 24)), optimize=True)
png_of_16_bits("image-folder/dog/rgb-16-bit.png", np.linspace(100, 65535, 720).astype(np.uint16).reshape(15, 16, 3))
save("image-folder/dog/more/beagle.png", picture(24, 20), optimize=True)
save("image-folder/Zebra/lossless.webp", picture(24, 20), lossless=True)
save("image-folder/Zebra/lossy.webp", picture(32, 24), quality=90)

# torchvision's ImageFolder: classes by sorted(), then within a class folder after folder, names by sorted().
classes = sorted(entry.name for entry in os.scandir("image-folder") if entry.is_dir())
samples = [
    (f"{root}/{name}", label)
    for label, found in enumerate(classes)
    for root, _, names in sorted(os.walk(f"image-folder/{found}"))
    for name in sorted(names)
]
expected["image-folder"] = {
    "classNames": classes,
    "examples": [{"path": path, "label": label} for path, label in samples],
}

# ImageNet's validation set as Kaggle hands it out, and the file list of Caffe. Extensions of ImageNet lie: one is PNG,
# one is CMYK, one is grey.
fresh("imagenet-val")
fresh("imagenet-labels")
synsets = {
    "n01440764": "tench, Tinca tinca",
    "n01443537": "goldfish, Carassius auratus",
    "n02119789": "kit fox, Vulpes macrotis",
    "n04507155": "umbrella",
}
validation = [3, 0, 2, 2, 1, 0, 3, 1]
names = [f"ILSVRC2012_val_{index + 1:08}" for index in range(len(validation))]
for index, name in enumerate(names):
    image, path = picture(24 + index, 33 - index), f"imagenet-val/{name}.JPEG"
    if index == 2:
        save(path, image, format="PNG", optimize=True)
    elif index == 4:
        save(path, image.convert("CMYK"), quality=90)
    elif index == 6:
        save(path, image.convert("L"), quality=90)
    else:
        save(path, image, quality=90)
boxes = ["85 1 499 272", "131 0 499 254 n01440764 3 4 5 6", "10 20 30 40"]
rows = [f"{name},{list(synsets)[label]} {boxes[label % 3]} " for name, label in zip(names, validation)]
rows = [rows[index] for index in (3, 7, 0, 5, 1, 2, 6, 4)]
Path("imagenet-labels/LOC_val_solution.csv").write_text("\n".join(["ImageId,PredictionString", *rows]) + "\n")
Path("imagenet-labels/LOC_synset_mapping.txt").write_text("".join(f"{key} {name}\n" for key, name in synsets.items()))
lines = [f"{name}.JPEG {label}\n" for name, label in zip(names, validation)]
Path("imagenet-labels/val.txt").write_text("".join(lines))
expected["imagenet-val"] = {
    "classNames": list(synsets.values()),
    "examples": [
        {"path": f"imagenet-val/{name}.JPEG", "label": label} for name, label in zip(names, validation)
    ],
}

expected["pixels"] = {
    example["path"]: pixels(example["path"])
    for folder in ("image-folder", "imagenet-val")
    for example in expected[folder]["examples"]
}

# WebDataset: two shards by webdataset itself, read back by it; and the names that take tar more than one header.
fresh("web-dataset")
images = [Path(path).read_bytes() for path, _ in samples]
suffixes = [Path(path).suffix[1:].lower() for path, _ in samples]
chosen = [0, 4, 5, 10, 8, 13]
with webdataset.ShardWriter("web-dataset/test-%06d.tar", maxcount=3, mtime=0, verbose=0) as writer:
    for index in chosen:
        sample = {"__key__": f"{classes[samples[index][1]]}/{index:04}", suffixes[index]: images[index]}
        others = {"json": {"of": index}, "mask.png": images[-1]} if index % 3 == 0 else {}
        writer.write({**sample, "cls": samples[index][1], **others})


def tar(name, keys, format):
    with tarfile.open(f"web-dataset/{name}.tar", "w", format=format) as file:
        for index, key in enumerate(keys):
            for suffix, content in (("jpg", images[3]), ("cls", b"%d\n" % index)):
                member = tarfile.TarInfo(f"{key}.{suffix}")
                member.size = len(content)
                file.addfile(member, io.BytesIO(content))


long = "a-folder-of-a-long-name/" * 5
tar("gnu", [f"{long}{'é' * 30}", "short"], tarfile.GNU_FORMAT)
tar("pax", [f"{long}{'é' * 30}", "short"], tarfile.PAX_FORMAT)
tar("ustar", [f"{long}1", "short"], tarfile.USTAR_FORMAT)


def read_web_dataset(*urls):
    read = []
    for sample in webdataset.WebDataset(list(urls), shardshuffle=False, empty_check=False):
        suffix = next(suffix for suffix in ("jpg", "jpeg", "png", "webp") if suffix in sample)
        read.append({"key": sample["__key__"], "label": int(sample["cls"]), "sha256": sha256(sample[suffix])})
    return {"examples": read}


expected["web-dataset"] = read_web_dataset("web-dataset/test-000000.tar", "web-dataset/test-000001.tar")
for name in ("gnu", "pax", "ustar"):
    expected[f"web-dataset/{name}.tar"] = read_web_dataset(f"web-dataset/{name}.tar")

# Parquet, by Hugging Face's datasets and by PyArrow.
fresh("parquet")
features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=classes)})


def hugging_face(name, columns, batch_size=None, rows=None):
    dataset = datasets.Dataset.from_dict(
        {key: values[:rows] for key, (values, _) in columns.items()},
        features=datasets.Features({key: feature for key, (_, feature) in columns.items()}),
    )
    dataset.to_parquet(f"parquet/{name}.parquet", batch_size=batch_size)


def read_hugging_face(name, image="image", label="label"):
    dataset = datasets.Dataset.from_parquet(f"parquet/{name}.parquet", cache_dir="/tmp/perimeter-datasets")
    raw = dataset.cast_column(image, datasets.Image(decode=False))
    names = getattr(dataset.features[label], "names", None)
    read = []
    for row in raw:
        content, path = row[image]["bytes"], row[image]["path"]
        content = Path("parquet", path).read_bytes() if content is None else content
        read.append({"label": row[label], "sha256": sha256(content)})
    expected[f"parquet/{name}.parquet"] = {"examples": read, **({"classNames": names} if names else {})}


some = samples[3:13]
embedded = [{"bytes": Path(path).read_bytes(), "path": Path(path).name} for path, _ in some]
labels = [label for _, label in some]
as_images = (embedded, datasets.Image())
as_classes = (labels, datasets.ClassLabel(names=classes))
hugging_face("embedded", {"image": as_images, "label": as_classes})
hugging_face("groups", {"image": as_images, "label": as_classes}, batch_size=3)
coarse = ([label % 2 for label in labels], datasets.ClassLabel(names=["even", "odd"]))
hugging_face("cifar100", {"img": as_images, "fine_label": as_classes, "coarse_label": coarse}, batch_size=3, rows=6)
hugging_face("no-names", {"image": as_images, "label": (labels, datasets.Value("int64"))}, rows=3)
read_hugging_face("embedded")
read_hugging_face("groups")
read_hugging_face("cifar100", image="img", label="fine_label")
read_hugging_face("no-names")

# Paths in place of bytes, relative to the Parquet file.
Path("parquet/images").mkdir()
linked = samples[8:12]
for path, _ in linked:
    shutil.copy(path, "parquet/images")
table = datasets.Dataset.from_dict(
    {
        "image": [{"bytes": None, "path": f"images/{Path(path).name}"} for path, _ in linked],
        "label": [label for _, label in linked],
    },
    features=features,
).data.table
pyarrow.parquet.write_table(table, "parquet/paths.parquet")
read_hugging_face("paths")

# Plain columns without Hugging Face's metadata: each codec, both page versions, dictionaries and small pages.
plain = pyarrow.table(
    {
        "jpeg": pyarrow.array([image["bytes"] for image in embedded], pyarrow.binary()),
        "label": pyarrow.array(labels, pyarrow.int32()),
        "path": pyarrow.array([image["path"] for image in embedded]),
    }
).rename_columns(["image", "label", "path"])


def plain_parquet(name, table=plain, labels=labels, **options):
    pyarrow.parquet.write_table(table, f"parquet/{name}.parquet", **options)
    read = pyarrow.parquet.read_table(f"parquet/{name}.parquet").to_pydict()
    assert read["label"] == labels
    expected[f"parquet/{name}.parquet"] = {
        "examples": [
            {"label": label, "sha256": sha256(content)} for label, content in zip(read["label"], read["image"])
        ]
    }


plain_parquet("zstd", compression="zstd", data_page_version="2.0", data_page_size=1500, write_batch_size=1)
few = plain.slice(0, 3)
for codec in ("none", "gzip", "brotli", "lz4"):
    plain_parquet(codec, few, labels[:3], compression=codec, use_dictionary=codec == "none")

# NumPy and CIFAR's binary versions (https://www.cs.toronto.edu/~kriz/cifar.html: label bytes, then 3×32×32 pixels).
fresh("arrays")
small = random.integers(0, 256, (5, 3, 6, 8), np.uint8)
real = random.random((5, 3, 6, 8), np.float32)
np.save("arrays/uint8.npy", small)
np.save("arrays/channels-last.npy", small.transpose(0, 2, 3, 1).copy())
np.save("arrays/float32.npy", real)
np.save("arrays/float32-big-endian.npy", real.astype(">f4"))
np.save("arrays/features.npy", real[:, 0, 0])
np.save("arrays/labels.npy", np.array([4, 0, 3, 9, 1]))
np.save("arrays/int32-labels.npy", np.array([4, 0, 3, 9, 1], np.int32))
cifar = [np.asarray(picture(32, 32)).transpose(2, 0, 1) for _ in range(2)]
for name, head in (("cifar10", [[7], [9]]), ("cifar100", [[4, 99], [19, 0]])):
    records = [np.concatenate([np.array(bytes, np.uint8), image.ravel()]) for bytes, image in zip(head, cifar)]
    np.concatenate(records).tofile(f"arrays/{name}.bin")
    expected[f"arrays/{name}.bin"] = {
        "shape": [3, 32, 32],
        "labels": [bytes[-1] for bytes in head],
        "sha256": [sha256(image.tobytes()) for image in cifar],
    }
for name in ("uint8", "channels-last", "float32", "float32-big-endian", "features"):
    read = np.load(f"arrays/{name}.npy")
    read = read.transpose(0, 3, 1, 2) if name == "channels-last" else read
    expected[f"arrays/{name}.npy"] = {
        "shape": list(read.shape[1:]),
        "labels": np.load("arrays/labels.npy").tolist(),
        "sha256": [sha256(example.astype(example.dtype.newbyteorder("<")).tobytes()) for example in read],
    }

(HERE / "image-files.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
