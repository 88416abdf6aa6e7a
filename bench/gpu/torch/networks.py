"""The benchmark's networks in PyTorch, with the weights that the ONNX models have."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Normalise(nn.Module):
    """(x - mean) / deviation of each channel: the first layer, as noise is added before it."""

    def __init__(self, means, deviations):
        super().__init__()
        self.register_buffer("means", means)
        self.register_buffer("deviations", deviations)

    def forward(self, images):
        return (images - self.means) / self.deviations


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut (He et al. 2015, figure 5, left)."""

    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        shortcut = [nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)]
        self.downsample = nn.Sequential(*shortcut) if channels != width else nn.Identity()

    def forward(self, images):
        inner = self.relu(self.bn1(self.conv1(images)))
        inner = self.bn2(self.conv2(inner))
        inner += self.downsample(images)
        return self.relu(inner)


class ResNet110(nn.Module):
    """For CIFAR-10 (He et al. 2015, section 4.2): three stages of 18 blocks."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = self.stage(16, 16, 1)
        self.layer2 = self.stage(16, 32, 2)
        self.layer3 = self.stage(32, 64, 2)
        self.avgpool = nn.AvgPool2d(8)
        self.fc = nn.Linear(64, 10)

    @staticmethod
    def stage(channels, width, stride):
        rest = [BasicBlock(width, width, 1) for _ in range(17)]
        return nn.Sequential(BasicBlock(channels, width, stride), *rest)

    def forward(self, images):
        features = self.relu(self.bn1(self.conv1(images)))
        features = self.layer3(self.layer2(self.layer1(features)))
        return self.fc(torch.flatten(self.avgpool(features), 1))


def build(name):
    """The network without its normalisation, its weights still PyTorch's own."""
    if name == "resnet110":
        return ResNet110()
    try:
        from torchvision.models import resnet50
    except ImportError as error:
        raise RuntimeError(f"torchvision, whose ResNet-50 this is, can't be imported ({error})") from error
    return resnet50()


def load(name, folder):
    """The network with its normalisation in front, in float32 on the CPU, ready to classify.

    `folder` holds weights.bin, float32 one tensor after another, and weights.json, their names and sizes in that order.
    """
    listing = json.loads(Path(folder, "weights.json").read_text())
    data = torch.from_numpy(np.fromfile(Path(folder, "weights.bin"), dtype="<f4"))
    tensors, at = {}, 0
    for entry in listing:
        size = int(np.prod(entry["dims"]))
        tensors[entry["name"]] = data[at : at + size].reshape(entry["dims"])
        at += size
    normalise = Normalise(tensors.pop("normalise.means"), tensors.pop("normalise.deviations"))
    network = build(name)
    # Batches that BatchNorm has seen in training: PyTorch counts them, and uses them for nothing here.
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    odd = [key for key in missing if not key.endswith("num_batches_tracked")] + list(unexpected)
    if odd:
        raise RuntimeError(f"the network {name} and its weights differ in {', '.join(odd[:5])}")
    return nn.Sequential(normalise, network).eval()
