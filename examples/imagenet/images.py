"""The images of this example: one JPEG a class, in a folder. Shared by the other scripts."""

from pathlib import Path

import numpy as np
from PIL import Image

TEST_EVERY = 5  # positions 0, 5, 10, ... of the sorted listing are the test images; the denoiser never sees them
CLASSES_APART = 5  # the listing holds every fifth of the 1,000 classes, in their order


def listing(folder):
    """The paths of all images, sorted by name."""
    paths = sorted(Path(folder).glob("*.JPEG"), key=lambda path: path.name)
    if not paths:
        raise SystemExit(f"{folder}: expected images named *.JPEG, found none")
    return paths


def test_images(folder):
    """Pairs of a path and a label."""
    labelled = [(path, CLASSES_APART * position) for position, path in enumerate(listing(folder))]
    return labelled[::TEST_EVERY]


def training_images(folder):
    return [path for position, path in enumerate(listing(folder)) if position % TEST_EVERY != 0]


def load(path, shorter_sides=(256,)):
    """8-bit pixels [height, width, 3] for each of the sizes asked for."""
    image = Image.open(path).convert("RGB")
    return [resize(image, side) for side in shorter_sides]


def resize(image, shorter_side):
    scale = shorter_side / min(image.size)
    size = [round(side * scale) for side in image.size]
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))


def test_pixels(path):
    """What is certified: shorter side 256, of that the centre of 224×224."""
    return centre_crop(load(path)[0], 224)


def centre_crop(pixels, side):
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]
