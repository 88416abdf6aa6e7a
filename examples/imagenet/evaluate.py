"""Quick look at the denoiser: single noisy samples of the test images, with it and without. No certificates.

    python evaluate.py IMAGES                    # the models beside this script

Needs `pip install onnxruntime pillow numpy`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime

from images import test_images, test_pixels

HERE = Path(__file__).resolve().parent
SEED = 7
SIGMA = 0.25
DRAWS = 10


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    loaded = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda x: loaded.run(None, {loaded.get_inputs()[0].name: x})[0]


def psnr(x, clean):
    """Mean over the images, in dB."""
    return np.mean(-10 * np.log10(np.mean((x - clean) ** 2, axis=(1, 2, 3))))


def samples_per_second(f, x, seconds=5):
    f(x)
    start, rounds = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        f(x)
        rounds += 1
    return rounds * len(x) / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="folder of the JPEG files")
    parser.add_argument("--denoiser", type=Path, default=HERE / "denoiser.onnx")
    parser.add_argument("--classifier", type=Path, default=HERE / "classifier.onnx")
    parser.add_argument("--sigma", type=float, default=SIGMA)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    denoise, classify = (session(path, options.threads) for path in [options.denoiser, options.classifier])

    pairs = test_images(options.images)
    labels = np.array([label for _, label in pairs])
    pixels = np.stack([test_pixels(path) for path, _ in pairs])
    clean = pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255

    generator = np.random.default_rng(SEED)
    right, right_denoised, before, after = [], [], [], []
    for _ in range(options.draws):
        noisy = clean + np.float32(options.sigma) * generator.standard_normal(clean.shape, np.float32)
        denoised = denoise(noisy)
        right.append(classify(noisy).argmax(1) == labels)
        right_denoised.append(classify(denoised).argmax(1) == labels)
        before.append(psnr(noisy, clean))
        after.append(psnr(denoised, clean))

    draws = f"{options.draws} draws each"
    print(f"{len(labels)} images, sigma {options.sigma}, {draws}")
    print(f"clean accuracy           {np.mean(classify(clean).argmax(1) == labels):.3f}")
    print(f"noisy                    {np.mean(right):.3f}")
    print(f"noisy, denoised          {np.mean(right_denoised):.3f}")
    print(f"  right in most draws    {np.mean(np.mean(right_denoised, 0) > 0.5):.3f}")
    print(f"  right in all draws     {np.mean(np.all(right_denoised, 0)):.3f}")
    print(f"PSNR noisy, denoised     {np.mean(before):.2f} dB, {np.mean(after):.2f} dB")
    batch = noisy[:16]
    print(f"samples/s, classifier    {samples_per_second(classify, batch):.1f} ({options.threads} threads, batch 16)")
    print(f"samples/s, both          {samples_per_second(lambda x: classify(denoise(x)), batch):.1f}")


if __name__ == "__main__":
    main()
