import { betaFraction } from './beta-fraction.ts';
import { add, divide, scale, subtract } from './double-double.ts';
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import { lnBinomial } from './ln-binomial.ts';
import { complementOf, lnOneMinusExp, probabilityOf } from './probability.ts';
import type { DoubleDouble } from './double-double.ts';
import type { Probability } from './probability.ts';

const PI: DoubleDouble = { hi: 3.141592653589793, lo: 1.2246467991473532e-16 };
const LN_PI: DoubleDouble = { hi: 1.1447298858494002, lo: 1.0265951162707826e-17 };
const HALF = probabilityOf(0.5);

/**
 * How much likelier `successes` of `t` samples are under a mixture of success probabilities above p than at p itself, and the same
 * for a mixture below p; in logarithms. The mixtures are Jeffreys' Beta(½, ½) law cut to (p, 1) and to (0, p):
 *
 *   above = B(a, b)·(1 − I_p(a, b)) / [B(½, ½)·(1 − I_p(½, ½))] / (pᴬ qᵗ⁻ᴬ),  a = A + ½, b = t − A + ½.
 *
 * As t grows, `above` is a non-negative martingale that starts at 1 where the true probability is p, and a supermartingale where it is
 * less, so that it ever reaches c with probability ≤ 1/c (Ville 1939; Robbins 1970). It increases with the successes at a given t,
 * and `below` decreases.
 *
 * @param successes A, an integer in 0 … t
 * @param t samples, an integer in 1 … 1e12
 * @param at the probability p to compare with, at least ½
 * @returns absolute errors ≤ 1e-24 + t·1e-29
 *
 * Method: B(a, b)/(pᴬ qᵗ⁻ᴬ) = π·β(A)·β(t − A) / P(Bin(t, p) = A), with β(m) = P(Bin(2m, ½) = m), by Γ(m + ½) = √π (2m)!/(4ᵐ m!).
 */
export function lnMixtureRatios({ successes, t, at }: { successes: number; t: number; at: Probability }): {
  above: DoubleDouble;
  below: DoubleDouble;
} {
  const failures = t - successes;
  const central = (m: number) => lnBinomial({ k: m, n: 2 * m, at: HALF });
  const lnBeta = subtract(
    add(LN_PI, add(central(successes), central(failures))),
    lnBinomial({ k: successes, n: t, at }),
  );
  const { lnLower, lnUpper } = lnIncompleteBeta({ a: successes + 0.5, b: failures + 0.5, at, lnBeta });
  const upperPrior = priorAbove(at);
  return {
    above: subtract(add(lnBeta, lnUpper), ln(upperPrior)),
    below: subtract(add(lnBeta, lnLower), ln(subtract(PI, upperPrior))),
  };
}

/** ln I_p(a, b) and ln(1 − I_p(a, b)), from ln(B(a, b)/(pᵃ⁻½ qᵇ⁻½)). */
function lnIncompleteBeta({ a, b, at, lnBeta }: { a: number; b: number; at: Probability; lnBeta: DoubleDouble }) {
  const lnWeight = subtract(scale(add(at.lnP, at.lnQ), 0.5), lnBeta);
  if (at.p.hi * (a + b) <= a) {
    const lnLower = subtract(lnWeight, ln(betaFraction({ a, b, at })));
    return { lnLower, lnUpper: lnOneMinusExp(lnLower) };
  }
  const lnUpper = subtract(lnWeight, ln(betaFraction({ a: b, b: a, at: complementOf(at) })));
  return { lnLower: lnOneMinusExp(lnUpper), lnUpper };
}

/** B(½, ½)·(1 − I_p(½, ½)), for p ≥ ½. */
function priorAbove(at: Probability): DoubleDouble {
  const root = exp(scale(add(at.lnP, at.lnQ), 0.5));
  return divide(root, betaFraction({ a: 0.5, b: 0.5, at: complementOf(at) }));
}
