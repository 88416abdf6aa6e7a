"""Writes high-precision.json: bounds, quantiles and p-values to 40 digits, by methods unlike the code's.

Tails are plain sums of the probabilities as 400-bit integers, roots are found by Newton's method in the log-odds, and
the normal law is mpmath's own. Levels are the doubles nearest their decimals.

    pip install mpmath==1.3.0; python make-high-precision.py     (a minute)
"""

import json
import pathlib

from mpmath import erfc, erfinv, exp, expm1, findroot, log, loggamma, mp, mpf, nstr, sqrt

# 1 - q loses as many digits as q has leading nines; p goes down to 1e-150 here.
mp.prec = 1000
BITS = 400
ONE = 1 << BITS


def ln_term(k, n, ln_p, ln_q):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * ln_p + (n - k) * ln_q


def upper_tail_in_terms(k, n, p, q):
    """P(Bin(n, p) >= k) / P(Bin(n, p) = k), where k is above the mean."""
    odds = int(p / q * ONE)
    total = term = ONE
    for i in range(k, n):
        term = term * (n - i) * odds // (i + 1) >> BITS
        total += term
        if term < total >> 200:
            break
    return mpf(total) / ONE


def one_minus_lower_bound(k, n, alpha):
    """1 - p for which P(Bin(n, p) >= k) = alpha."""
    goal = log(mpf(float(alpha)))
    if k == n:
        return -expm1(goal / n)
    mean = log(mpf(k)) - log(mpf(n - k))
    spread = sqrt(mpf(n) / k / (n - k))
    logit = mean - spread * sqrt(-2 * goal)
    while True:
        p, q = 1 / (1 + exp(-logit)), 1 / (1 + exp(logit))
        ratio = upper_tail_in_terms(k, n, p, q)
        step = (goal - ln_term(k, n, log(p), log(q)) - log(ratio)) * ratio / (k * q)
        logit += step
        if abs(step) < mpf(10) ** -45 * min(1, spread):
            return 1 / (1 + exp(logit))


def normal_upper_quantile(tail):
    exact = mpf(float(tail))
    if exact > 1e-20:
        return sqrt(2) * erfinv(1 - 2 * exact)
    goal = log(exact)
    return findroot(lambda t: log(erfc(t / sqrt(2)) / 2) - goal, sqrt(-2 * goal) * mpf("0.99"), tol=mpf(10) ** -100)


def digits(x):
    return nstr(x, 40, min_fixed=1, max_fixed=0)


BOUNDS = [
    (10**12, 10**12, "1e-300"),
    (10**12 - 1, 10**12, "1e-300"),
    (10**12 - 5, 10**12, "0.001"),
    (10**12 - 1000, 10**12, "1e-12"),
    (10**12 // 2 + 4 * 10**6, 10**12, "0.001"),
    (10**12 // 2, 10**12, "1e-300"),
    (1, 10**12, "1e-9"),
    (3, 10**9, "0.05"),
    (2, 3, "1e-300"),
    (25, 50, "1e-300"),
    (99, 100, "0.5"),
    (700, 100000, "1e-30"),
    (99300, 100000, "1e-100"),
]
TAILS = ["0.5", "0.49999999999999994", "0.4999999", "0.3", "0.25", "0.2", "0.00135", "1e-5", "1e-16", "1e-100", "1e-300"]
PAIRS = [(1, 0), (3, 1), (40, 3), (1000, 0), (700, 300), (60000, 40000), (5 * 10**11 + 5 * 10**6, 5 * 10**11 - 5 * 10**6)]


def bound_case(k, n, alpha):
    q = one_minus_lower_bound(k, n, alpha)
    return {"n": n, "k": k, "alpha": alpha, "p_lower": digits(1 - q), "one_minus_p_lower": digits(q)}


def p_value(top, runner_up):
    half, n = mpf(1) / 2, top + runner_up
    return 2 * exp(ln_term(top, n, log(half), log(half))) * upper_tail_in_terms(top, n, half, half)


result = {
    "about": "made by make-high-precision.py; strings hold decimals; levels and tails are the doubles nearest them",
    "lowerBounds": [bound_case(*case) for case in BOUNDS],
    "quantiles": [{"tail": tail, "x": digits(normal_upper_quantile(tail))} for tail in TAILS],
    "pValues": [{"nA": a, "nB": b, "p_value": digits(p_value(a, b))} for a, b in PAIRS],
}
path = pathlib.Path(__file__).with_name("high-precision.json")
path.write_text(json.dumps(result, indent=1) + "\n")
