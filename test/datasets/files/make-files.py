"""Writes the datasets of these tests by NumPy, and expected.json: what NumPy itself reads back from each.

python make-files.py
"""

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
random = np.random.default_rng(1902)
expected = {}

labels = np.array([3, 0, 9, 1])
grey = random.integers(0, 256, (4, 5, 6), np.uint8)
colour = random.integers(0, 256, (4, 3, 5, 6), np.uint8)
channels_last = colour.transpose(0, 2, 3, 1).copy()
off_lattice = random.random((4, 3, 5, 6), np.float32)
features = random.normal(size=(4, 7)).astype(np.float32)


def expect(name, channels_first, labels, kind):
    shape = channels_first.shape[1:]
    expected[name] = {
        "shape": list(shape),
        "kind": kind,
        "labels": [int(label) for label in labels],
        "values": channels_first.reshape(len(channels_first), -1).astype(np.float64).tolist(),
    }


def idx(name, array, code):
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    data = header + array.tobytes()
    (HERE / name).write_bytes(gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data)


def npz(name, save=np.savez_compressed, **arrays):
    save(HERE / name, **arrays)
    with np.load(HERE / name) as back:
        for key, array in arrays.items():
            assert np.array_equal(back[key], array, equal_nan=array.dtype.kind == "f")


def npz_of_version(name, version, **arrays):
    with zipfile.ZipFile(HERE / name, "w") as file:
        for key, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=version)
            file.writestr(f"{key}.npy", content.getvalue())


idx("grey-images.idx", grey, 0x08)
idx("grey-images.idx.gz", grey, 0x08)
idx("colour-images.idx", colour, 0x08)
idx("uint8-labels.idx", labels.astype(np.uint8), 0x08)
idx("uint8-labels.idx.gz", labels.astype(np.uint8), 0x08)
idx("int32-labels.idx", labels.astype(">i4"), 0x0C)
for name in ("grey-images.idx", "grey-images.idx.gz"):
    expect(name, grey[:, None], labels, "uint8")
expect("colour-images.idx", colour, labels, "uint8")

for dtype in ("i1", "u1", "<i2", ">i2", "<u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8"):
    name = f"labels-{dtype.replace('<', 'little-').replace('>', 'big-')}.npz"
    npz(name, images=colour, labels=labels.astype(dtype))
    expect(name, colour, labels, "uint8")

npz("stored.npz", np.savez, images=colour, labels=labels)
npz("channels-last.npz", images=channels_last, labels=labels)
npz("column-of-labels.npz", images=colour, labels=labels[:, None])
npz("more-arrays.npz", images=colour, labels=labels, names=np.array(["a", "b"]))
for name in ("stored.npz", "channels-last.npz", "column-of-labels.npz", "more-arrays.npz"):
    expect(name, colour, labels, "uint8")
for version in ((2, 0), (3, 0)):
    name = f"npy-version-{version[0]}.npz"
    npz_of_version(name, version, images=colour, labels=labels)
    expect(name, colour, labels, "uint8")
npz("grey.npz", images=grey, labels=labels)
expect("grey.npz", grey[:, None], labels, "uint8")

npz("float32.npz", images=off_lattice, labels=labels)
npz("float32-channels-last.npz", images=off_lattice.transpose(0, 2, 3, 1).copy(), labels=labels)
npz("float32-big-endian.npz", images=off_lattice.astype(">f4"), labels=labels)
for name in ("float32.npz", "float32-channels-last.npz", "float32-big-endian.npz"):
    expect(name, off_lattice, labels, "float32")
npz("features.npz", images=features, labels=labels)
expect("features.npz", features, labels, "float32")

# All 256 pixels as float32, in the two ways that 8-bit images are scaled.
ramp = np.arange(512, dtype=np.uint8).reshape(2, 1, 16, 16)
npz("divided-by-255.npz", images=(ramp / 255).astype(np.float32), labels=labels[:2])
npz("times-one-255th.npz", images=ramp.astype(np.float32) * np.float32(1 / 255), labels=labels[:2])
for name in ("divided-by-255.npz", "times-one-255th.npz"):
    expect(name, ramp, labels[:2], "uint8")
nearly = (ramp / 255).astype(np.float32)
nearly[1, 0, 7, 3] = np.nextafter(np.nextafter(nearly[1, 0, 7, 3], np.float32(2)), np.float32(2))
npz("nearly-divided.npz", images=nearly, labels=labels[:2])
expect("nearly-divided.npz", nearly, labels[:2], "float32")

ambiguous = random.integers(0, 256, (4, 3, 4, 3), np.uint8)
npz("ambiguous.npz", images=ambiguous, labels=labels)
expect("ambiguous.npz as NCHW", ambiguous, labels, "uint8")
expect("ambiguous.npz as NHWC", ambiguous.transpose(0, 3, 1, 2), labels, "uint8")

with_nan, with_infinity = off_lattice.copy(), off_lattice.copy()
with_nan[2, 1, 0, 4] = np.nan
with_infinity[3, 0, 0, 0] = -np.inf
npz("bad-nan.npz", images=with_nan, labels=labels)
npz("bad-infinity.npz", images=with_infinity, labels=labels)
npz("bad-float64.npz", images=off_lattice.astype(np.float64), labels=labels)
npz("bad-fortran.npz", images=np.asfortranarray(colour), labels=labels)
npz("bad-label-count.npz", images=colour, labels=labels[:3])
npz("bad-negative-label.npz", images=colour, labels=np.array([3, 0, -1, 1]))
npz("bad-huge-label.npz", images=colour, labels=np.array([3, 0, 2**40, 1]))
npz("bad-float-labels.npz", images=colour, labels=labels.astype(np.float32))
npz("bad-one-hot-labels.npz", images=colour, labels=np.eye(4, dtype=np.int64))
npz("bad-no-labels.npz", images=colour)
npz("bad-names.npz", x_test=colour, y_test=labels)
npz("bad-empty.npz", images=colour[:0], labels=labels[:0])
npz("bad-record.npz", images=np.zeros(4, dtype=[("a", "u1"), ("b", "u1")]), labels=labels)
npz("bad-five-dimensions.npz", images=colour[:, None], labels=labels)

(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
