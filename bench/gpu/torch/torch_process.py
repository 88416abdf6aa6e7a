"""PyTorch as the benchmark's other end: reads a JSON object a line, answers each with one.

The precisions: "default" is PyTorch's own (on NVIDIA GPUs convolutions in TF32, other products in float32), "fp32" is
without TF32, "tf32" with it everywhere, "fp16" is half precision with channels last.
"""

import json
import sys
import time

import torch
from networks import load
from sample_noise import sample_noise

# A GPU's first batches choose convolutions and fetch memory; a CPU has next to nothing to warm up.
WARM_UP_BATCHES = {"cuda": 3, "cpu": 1}
LONGEST_MESSAGE = 300
opened = {}


def settle(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def use_precision(precision):
    torch.backends.cudnn.allow_tf32 = precision in ("default", "tf32")
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"


def about(device):
    gpu = torch.cuda.is_available()
    if device == "cuda" and not gpu:
        raise RuntimeError("this PyTorch can use no NVIDIA GPU")
    return {"torch": torch.__version__, "cuda": torch.version.cuda, "card": torch.cuda.get_device_name(0) if gpu else None}


def open_network(id, model, weights, device, precision, batch, classes, side, sigma, benchmark):
    device = torch.device(device)
    if device.type == "cpu":
        torch.set_num_threads(1)
    network = load(model, weights).to(device)
    # Any picture will do; its values are in [0, 1].
    example = torch.linspace(0, 1, 3 * side * side).reshape(3, side, side).to(device)
    if precision == "fp16":
        network = network.half().to(memory_format=torch.channels_last)
        example = example.half()
    opened[id] = {
        "network": network,
        "example": example,
        "precision": precision,
        "benchmark": benchmark,
        "batch": batch,
        "classes": classes,
        "sigma": sigma,
    }
    for _ in range(WARM_UP_BATCHES[device.type]):
        sample(id, 0)
    return {"parameters": sum(parameter.numel() for parameter in network.parameters())}


def sample(id, seconds):
    asked = opened[id]
    use_precision(asked["precision"])
    torch.backends.cudnn.benchmark = asked["benchmark"]
    counts, took = sample_noise(
        asked["network"], asked["example"], asked["classes"], asked["sigma"], asked["batch"], seconds
    )
    return {"samples": int(counts.sum()), "seconds": took}


def logits(id, image):
    """Of one image, for checking that both networks are the same."""
    asked = opened[id]
    use_precision(asked["precision"])
    example = asked["example"]
    with torch.no_grad():
        batch = torch.tensor(image, dtype=example.dtype, device=example.device).reshape(1, *example.shape)
        return {"logits": asked["network"](batch)[0].float().tolist()}


def close_network(id):
    opened.pop(id, None)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return {}


def peak(device, precision, side, seconds):
    """The rate of a product of two square matrices, in floating-point operations a second."""
    device = torch.device(device)
    use_precision(precision)
    dtype = torch.float16 if precision == "fp16" else torch.float32
    a, b = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    out = torch.empty_like(a)
    for _ in range(3):
        torch.mm(a, b, out=out)
    settle(device)
    products, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for _ in range(4):
            torch.mm(a, b, out=out)
        products += 4
        settle(device)
    took = time.perf_counter() - started
    return {"flops": 2 * side**3 * products / took}


requests = {
    "about": about,
    "open": open_network,
    "sample": sample,
    "logits": logits,
    "close": close_network,
    "peak": peak,
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = requests[request.pop("do")](**request)
    except Exception as error:  # Whatever it is, the rest of the benchmark goes on.
        # On one line, and without the stacks that some of PyTorch's messages go on with.
        answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:LONGEST_MESSAGE]}"}
    print(json.dumps(answer), flush=True)
