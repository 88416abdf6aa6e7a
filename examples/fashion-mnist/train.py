"""Trains the two Fashion-MNIST classifiers of this example and exports them as ONNX, with the 500 test images.

    python train.py                                  # everything, into this folder
    python train.py --sigma 0.25 --out /tmp/trial    # one model, elsewhere

Needs `pip install torch onnx onnxscript numpy` and the four IDX files of Fashion-MNIST, by default where Debian's
package dataset-fashion-mnist puts them.

Gaussian noise is added to pixels in [0, 1] and never clipped, as certification does it. On top of Cohen et al.'s
noise augmentation (arXiv 1902.02918, section 3.3), each image is seen under two noises at a time, and the classifier
is asked to answer both alike: the consistency regularization of Jeong & Shin (arXiv 2006.04062).
"""

import argparse
import copy
import gzip
import struct
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

HERE = Path(__file__).resolve().parent
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
SEED = 20190211
BATCH = 256
PEAK_LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.02
CONSISTENCY_WEIGHT = 2
AVERAGE_DECAY = 0.998  # of the weights that are exported; a window of 500 steps, two epochs
EVERY = 20  # of the test images goes into the example


def read_idx(path):
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    shape = struct.unpack(f">{dimensions}I", data[4 : 4 + 4 * dimensions])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def write_idx(path, array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), 9, mtime=0))


def convolution(inputs, outputs, size=3, stride=1):
    return [
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


def network():
    """Five convolutions, 136,000 weights, 11 MFLOP an image. Takes pixels in [0, 1]; needs no normalisation."""
    return nn.Sequential(
        *convolution(1, 32, size=5, stride=2),
        *convolution(32, 32),
        *convolution(32, 64, stride=2),
        *convolution(64, 64),
        *convolution(64, 96, stride=2),
        nn.Flatten(),
        nn.Linear(96 * 4 * 4, 10),
    )


def loss_of_two_noises(logits, labels):
    """Logits of the same images under a first and a second noise, stacked."""
    log_p1, log_p2 = F.log_softmax(logits, 1).chunk(2)
    mean = (log_p1.exp() + log_p2.exp()) / 2
    log_mean = mean.clamp_min(1e-8).log()
    divergence = (mean * (log_mean - (log_p1 + log_p2) / 2)).sum(1).mean()
    return F.cross_entropy(logits, labels.repeat(2)) + CONSISTENCY_WEIGHT * divergence


def train(images, labels, sigma, epochs):
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    model = network().to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), PEAK_LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_LEARNING_RATE, total_steps=steps * epochs, pct_start=0.2, cycle_momentum=False
    )
    start = time.time()
    step = 0
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images), generator=generator)[: steps * BATCH].view(steps, BATCH):
            x = (images[batch].float() / 255).repeat(2, 1, 1, 1)
            x = x + sigma * torch.randn(x.shape, generator=generator)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(x.to(memory_format=torch.channels_last))
            loss = loss_of_two_noises(logits.float(), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            total += loss.item()
            with torch.no_grad():
                decay = min(AVERAGE_DECAY, step / (step + 10))
                for kept, new in zip(average.state_dict().values(), model.state_dict().values()):
                    if kept.dtype.is_floating_point:
                        kept.lerp_(new, 1 - decay)
                    else:
                        kept.copy_(new)
        print(f"sigma {sigma}: epoch {epoch + 1}, loss {total / steps:.4f}, {time.time() - start:.0f} s", flush=True)
    return average.eval()


def folded(model):
    """The same function with each batch normalisation folded into the convolution before it."""
    layers = []
    for layer in model.to(memory_format=torch.contiguous_format):
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval()


def export(model, path):
    torch.onnx.export(
        model,
        (torch.zeros(2, 1, 28, 28),),
        path,
        input_names=["image"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=18,
        external_data=False,
    )
    onnx.save(without_notes(onnx.load(path)), path)


def without_notes(model):
    """Drops the exporter's notes of paths and source lines: a model's bytes shouldn't depend on where it was made."""
    graph = model.graph
    for noted in [model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        del noted.metadata_props[:]
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=DEBIAN, help="folder of the IDX files")
    parser.add_argument("--sigma", type=float, action="append", help="default: 0.25 and 0.5")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)  # the order of sums, and with it the weights, would change with the number of threads
    options.out.mkdir(parents=True, exist_ok=True)

    test_images = read_idx(options.data / "t10k-images-idx3-ubyte.gz")
    test_labels = read_idx(options.data / "t10k-labels-idx1-ubyte.gz")
    write_idx(options.out / "images.idx.gz", test_images[::EVERY])
    write_idx(options.out / "labels.idx.gz", test_labels[::EVERY])

    images = torch.from_numpy(read_idx(options.data / "train-images-idx3-ubyte.gz").copy()).unsqueeze(1)
    labels = torch.from_numpy(read_idx(options.data / "train-labels-idx1-ubyte.gz").astype(np.int64))
    for sigma in options.sigma or [0.25, 0.5]:
        model = train(images, labels, sigma, options.epochs)
        export(folded(model), options.out / f"cnn-sigma-{sigma:.2f}.onnx")


if __name__ == "__main__":
    main()
