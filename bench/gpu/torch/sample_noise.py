"""The sampling loop of randomized smoothing in PyTorch, in the steps of the code published with the paper.

Cohen, Rosenfeld & Kolter, ICML 2019: github.com/locuslab/smoothing, code/core.py, `Smooth._sample_noise`. Written anew from
what that does: the example is repeated to a batch, noise is drawn on the device, the network runs as it stands (no
compilation), the top classes go to the host, and a loop in Python counts them.
"""

import time

import numpy as np
import torch


def sample_noise(network, example, classes, sigma, batch_size, seconds):
    """Samples for about `seconds`. Returns the counts of the classes, and the seconds that it took."""
    counts = np.zeros(classes, dtype=int)
    started = time.perf_counter()
    with torch.no_grad():
        while True:
            batch = example.repeat((batch_size, 1, 1, 1))
            noise = torch.randn_like(batch) * sigma
            predictions = network(batch + noise).argmax(1).cpu().numpy()
            for prediction in predictions:
                counts[prediction] += 1
            took = time.perf_counter() - started
            if took >= seconds:
                return counts, took
