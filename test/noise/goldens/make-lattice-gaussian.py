"""Writes lattice-gaussian.json: the discretised Gaussian's thresholds by mpmath at 600 bits. Run: python3 make-lattice-gaussian.py"""

import hashlib
import json
import pathlib

from mpmath import floor, mp, mpf, ncdf, nstr

mp.prec = 600

CASES = [(sigma, 255.0) for sigma in (0.12, 0.25, 0.5, 1.0, 2.0, 7.0, 0.01, 0.001, 0.0008, 0.0004, 0.00022, 0.0001)]
CASES.append((0.3, 256 / 0.3))


def case(sigma, steps):
    s = mpf(sigma) * mpf(steps)
    cdf, thresholds = [], []
    k = 0
    while 1 - ncdf((k + mpf(1) / 2) / s) >= mpf(2) ** -64:
        cdf.append(ncdf((k + mpf(1) / 2) / s))
        k += 1
    cdf = [1 - p for p in reversed(cdf)] + cdf
    thresholds = [int(floor(p * 2**64)) for p in cdf]
    # Total variation of one coordinate: half the variation of F minus the drawn distribution function.
    tail = ncdf(-(k + mpf(1) / 2) / s)
    difference = [tail] + [p - mpf(t) / 2**64 for p, t in zip(cdf, thresholds)] + [-tail]
    variation = 2 * tail + sum(abs(b - a) for a, b in zip(difference, difference[1:]))
    picks = sorted({0, 1, 2, len(cdf) // 4, len(cdf) // 2, len(cdf) - 1} & set(range(len(cdf))))
    text = ",".join(format(t, "016x") for t in thresholds)
    return {
        "sigma": sigma,
        "stepsPerUnit": steps,
        "max": k,
        "thresholds": [[i - k, format(thresholds[i], "016x")] for i in picks],
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "totalVariation": float(nstr(variation / 2, 17)),
    }


path = pathlib.Path(__file__).with_name("lattice-gaussian.json")
path.write_text(json.dumps([case(*c) for c in CASES], indent=1) + "\n")
