"""Writes uniform-radius.json: ℓ1 radii over λ of uniform noise, p̲_A − p̄_B, with bounds of Clopper & Pearson by mpmath to 50 digits.

With a bound on the top class alone p̄_B is 1 − p̲_A; with the runner-up's, p̲_A is at 0.9 α and p̄_B the lesser of 1 − p̲_A and the
upper bound at 0.1 α.
"""
import json
import pathlib
from mpmath import binomial, mp, mpf, nstr

mp.dps = 60


def tail(n, k, p):
    """P(Bin(n, p) >= k), term by term from k upwards."""
    term = binomial(n, k) * p**k * (1 - p) ** (n - k)
    total = term
    for i in range(k, n):
        term *= p / (1 - p) * mpf(n - i) / (i + 1)
        total += term
        if term < total * mpf(10) ** -58 and i > n * p:
            break
    return total


def bisect(f, low, high):
    for _ in range(230):
        middle = (low + high) / 2
        if f(middle) < 0:
            low = middle
        else:
            high = middle
    return low


def lower(n, k, alpha):
    if k == n:
        return mpf(alpha) ** (mpf(1) / n)
    return bisect(lambda p: tail(n, k, p) - alpha, mpf(0), mpf(1))


def upper(n, k, alpha):
    return 1 - lower(n, n - k, alpha)


def case(n, count, runner_up, alpha, bound):
    level = mpf(alpha)
    if bound == "clopper-pearson":
        p = lower(n, count, level)
        q = 1 - p
    else:
        p = lower(n, count, level * mpf("0.9"))
        q = min(1 - p, upper(n, runner_up, level * mpf("0.1")))
    return {
        "n": n,
        "count": count,
        "runnerUpCount": runner_up,
        "alpha": alpha,
        "bound": bound,
        "radiusOverLambda": nstr(p - q, 40, strip_zeros=False, min_fixed=-10, max_fixed=10),
    }


cases = [
    case(100, 100, 0, "0.001", "clopper-pearson"),
    case(1000, 700, 300, "0.05", "clopper-pearson"),
    case(10000, 9990, 10, "0.001", "clopper-pearson"),
    case(10000, 5200, 4800, "0.01", "clopper-pearson"),
    case(100, 100, 0, "0.001", "runner-up"),
    case(1000, 700, 200, "0.05", "runner-up"),
    case(10000, 4000, 100, "0.001", "runner-up"),
    case(10000, 9990, 10, "0.001", "runner-up"),
]
path = pathlib.Path(__file__).with_name("uniform-radius.json")
path.write_text(json.dumps(cases, indent=2) + "\n")
