"""Trains the denoiser of this example and exports it as ONNX, with the labels of the test images.

    python train_denoiser.py IMAGES                              # both stages, into this folder
    python train_denoiser.py IMAGES --stage stability            # the second stage, from denoiser-mse.pt
    python train_denoiser.py IMAGES --mse-steps 100 --stability-steps 10 --out /tmp/trial

IMAGES is a folder of ImageNet images, one a class, named by WordNet id (see images.py); four fifths of them are trained
on. Needs what export_classifier.py needs, and `pip install pillow numpy`.

Denoised smoothing (Salman et al., NeurIPS 2020, arXiv 2003.01908): a denoiser in front of a classifier that never saw
noise makes the pair robust to it. First the denoiser learns to restore pixels (MSE), then to keep what the classifier
says of the clean image (their "stability" objective). Noise is added to pixels in [0, 1] and never clipped, as
certification does it.
"""

import argparse
import copy
import csv
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from export_classifier import SIDE, Classifier, export
from images import load, test_images, training_images

HERE = Path(__file__).resolve().parent
SEED = 20200304
SIGMA = 0.25
SHORTER_SIDES = [256, 320]  # test images have the first; the second shows more detail of the training images

PATCH = 96
MSE_BATCH = 16
MSE_PEAK_LEARNING_RATE = 2e-3

STABILITY_BATCH = 8
STABILITY_PEAK_LEARNING_RATE = 5e-4
MSE_WEIGHT = 20  # of the squared error of a pixel, beside the cross-entropy of an image: keeps the output an image

AVERAGE_DECAY = 0.995  # of the weights that are kept
CHECKPOINT_EVERY = 250


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)  # each block starts as the identity
        nn.init.zeros_(self.second.bias)

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


class Up(nn.Module):
    """Twice the side; the 1×1 convolution comes first, where it is cheaper."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return F.interpolate(self.convolution(x), scale_factor=2, mode="nearest")


class Denoiser(nn.Module):
    """A U-Net on halves, quarters and eighths of the side: 203,000 weights, 650 MMAC an image of 224×224.

    It predicts the noise and takes it off. Multiples of 16 channels suit ONNX Runtime's convolutions; there is no
    normalisation, so that each image of a batch is on its own.
    """

    def __init__(self, channels=(32, 48, 64)):
        super().__init__()
        half, quarter, eighth = channels
        self.stem = nn.Conv2d(3, half, 4, stride=2, padding=1)
        self.encode_half = nn.Conv2d(half, half, 3, padding=1)
        self.to_quarter = nn.Conv2d(half, quarter, 2, stride=2)
        self.encode_quarter = Residual(quarter)
        self.to_eighth = nn.Conv2d(quarter, eighth, 2, stride=2)
        self.middle = Residual(eighth)
        self.up_quarter = Up(eighth, quarter)
        self.decode_quarter = Residual(quarter)
        self.up_half = Up(quarter, half)
        self.decode_half = nn.Conv2d(half, half, 3, padding=1)
        self.head = nn.Conv2d(half, 3 * 4, 3, padding=1)

    def forward(self, noisy):
        half = F.relu(self.encode_half(F.relu(self.stem(noisy))))
        quarter = self.encode_quarter(F.relu(self.to_quarter(half)))
        eighth = self.middle(F.relu(self.to_eighth(quarter)))
        quarter = self.decode_quarter(F.relu(quarter + self.up_quarter(eighth)))
        half = F.relu(self.decode_half(F.relu(half + self.up_half(quarter))))
        return noisy - F.pixel_shuffle(self.head(half), 2)


class Crops:
    """Random crops of the images at random sizes, mirrored half of the time; pixels in [0, 1]."""

    def __init__(self, paths, generator):
        self.images = [load(path, SHORTER_SIDES) for path in paths]
        self.generator = generator

    def draw(self, count, side):
        crops = torch.empty(count, 3, side, side)
        for i in range(count):
            sizes = self.images[self.below(len(self.images))]
            pixels = sizes[self.below(len(sizes))]
            top, left = (self.below(length - side + 1) for length in pixels.shape[:2])
            crop = pixels[top : top + side, left : left + side]
            if self.below(2):
                crop = crop[:, ::-1]
            crops[i] = torch.from_numpy(np.ascontiguousarray(crop)).permute(2, 0, 1)
        return crops / 255

    def below(self, limit):
        return int(torch.randint(limit, (), generator=self.generator))


def mse_loss(denoiser, crops):
    clean = crops.draw(MSE_BATCH, PATCH)
    return F.mse_loss(denoised(denoiser, clean, crops.generator), clean)


def stability_loss(classifier):
    """Cross-entropy between what the classifier says of the denoised and of the clean image, plus a share of MSE.

    The paper compares with the classifier's top class; its probabilities tell more, and images are few here.
    """

    def loss(denoiser, crops):
        clean = crops.draw(STABILITY_BATCH, SIDE)
        restored = denoised(denoiser, clean, crops.generator)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                target = classifier(channels_last(clean)).float().softmax(1)
            logits = classifier(restored).float()
        return F.cross_entropy(logits, target) + MSE_WEIGHT * F.mse_loss(restored, clean)

    return loss


class Unstrided(nn.Module):
    """The same as a depthwise convolution of stride 2 padded like TensorFlow's; its gradient is many times faster."""

    def __init__(self, strided):
        super().__init__()
        size = strided.kernel_size[0]
        channels = strided.in_channels
        self.dense = nn.Conv2d(channels, channels, size, padding=size // 2, groups=channels)
        self.dense.weight, self.dense.bias = strided.weight, strided.bias

    def forward(self, x):
        return self.dense(x)[:, :, 1::2, 1::2]


def classifier_to_train_through():
    classifier = Classifier()
    for block in classifier.network._blocks:
        if block._depthwise_conv.stride[0] == 2:
            block._depthwise_conv = Unstrided(block._depthwise_conv)
    return classifier.to(memory_format=torch.channels_last)


def denoised(denoiser, clean, generator):
    noisy = clean + SIGMA * torch.randn(clean.shape, generator=generator)
    with torch.autocast("cpu", torch.bfloat16):
        return denoiser(channels_last(noisy)).float()


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last)


def train(denoiser, crops, loss_of, steps, peak_learning_rate, checkpoint):
    """Returns a running average of the weights, which is also what the checkpoint holds."""
    denoiser.train()
    average = copy.deepcopy(denoiser)
    optimizer = torch.optim.AdamW(denoiser.parameters(), peak_learning_rate, weight_decay=1e-4, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peak_learning_rate, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    start = time.time()
    total = 0.0
    for step in range(1, steps + 1):
        loss = loss_of(denoiser, crops)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(denoiser.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        decay = min(AVERAGE_DECAY, step / (step + 10))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), denoiser.parameters()):
                kept.lerp_(new, 1 - decay)
        if step % CHECKPOINT_EVERY == 0 or step == steps:
            torch.save(average.state_dict(), checkpoint)
            done = (step - 1) % CHECKPOINT_EVERY + 1
            print(f"{checkpoint.stem}: step {step}, loss {total / done:.5f}, {time.time() - start:.0f} s", flush=True)
            total = 0.0
    return average


def write_labels(path, pairs):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["path", "label"])
        writer.writerows((image.name, label) for image, label in pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="folder of the JPEG files")
    parser.add_argument("--stage", choices=["mse", "stability"], help="default: one after the other")
    parser.add_argument("--mse-steps", type=int, default=5000)
    parser.add_argument("--stability-steps", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)  # the order of sums, and with it the weights, would change with the number of threads
    options.out.mkdir(parents=True, exist_ok=True)
    write_labels(options.out / "labels.csv", test_images(options.images))

    torch.manual_seed(SEED)
    denoiser = Denoiser().to(memory_format=torch.channels_last)
    crops = Crops(training_images(options.images), torch.Generator().manual_seed(SEED))
    after_mse = options.out / "denoiser-mse.pt"
    if options.stage != "stability":
        denoiser = train(denoiser, crops, mse_loss, options.mse_steps, MSE_PEAK_LEARNING_RATE, after_mse)
    if options.stage != "mse":
        denoiser.load_state_dict(torch.load(after_mse))
        crops.generator.manual_seed(SEED + 1)  # the same from a checkpoint as in one go
        loss = stability_loss(classifier_to_train_through())
        checkpoint = options.out / "denoiser-stability.pt"
        denoiser = train(denoiser, crops, loss, options.stability_steps, STABILITY_PEAK_LEARNING_RATE, checkpoint)
    export(denoiser.to(memory_format=torch.contiguous_format).eval(), options.out / "denoiser.onnx", "denoised")


if __name__ == "__main__":
    main()
