import { approximateQuantile } from './approximate-quantile.ts';
import { binomialTail } from './binomial-tail.ts';
import { divide, fromNumber, subtract } from './double-double.ts';
import { LN_2, ONE } from './double-double-constants.ts';
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import { complementOf, probabilityFromLn, probabilityOf } from './probability.ts';
import type { DoubleDouble } from './double-double.ts';
import type { Probability } from './probability.ts';

/** Newton's method is done when its step moves the tail's logarithm by less than this: the next one would move it by its square. */
const LAST_STEP = 1e-13;
/** A dozen are taken at worst (n = 1e12, α = 1e-300). */
const MOST_STEPS = 200;

/**
 * The probability p, with its complement, at which P(Bin(n, p) ≥ k) = level: the quantile of the Beta(k, n − k + 1) law at
 * `level`. For integers 1 ≤ k ≤ n ≤ 1e12 and 0 < level < 1. The lesser of the two has a relative error ≤ 1e-24 + n·1e-30.
 *
 * Method: Newton's on the logarithm of the lesser tail at the solution, in the logarithm of the lesser of p and 1 − p.
 */
export function betaQuantile({ k, n, level }: { k: number; n: number; level: DoubleDouble }): Probability {
  const upper = level.hi <= 0.5;
  const goal = ln(upper ? level : subtract(ONE, level));
  const lnTail = (at: Probability) => {
    const tail = binomialTail({ k, n, at });
    const value = upper ? tail.lnUpper : tail.lnLower;
    return { gap: subtract(value, goal), lnWeight: tail.lnWeight, value };
  };
  const atHalf = lnTail(probabilityOf(0.5)).gap.hi;
  const inP = upper ? atHalf >= 0 : atHalf <= 0;
  const towards = (u: DoubleDouble) => (inP ? probabilityFromLn(u) : complementOf(probabilityFromLn(u)));
  const rising = upper === inP ? 1 : -1;

  let u = clamped(ln(fromNumber(start({ k, n, level: level.hi, inP }))));
  for (let i = 0; i < MOST_STEPS; i += 1) {
    const at = towards(u);
    const { gap, lnWeight, value } = lnTail(at);
    const slope = (rising * exp(subtract(lnWeight, value)).hi) / (inP ? at.q.hi : at.p.hi);
    if (Math.abs(gap.hi) < LAST_STEP) return towards(subtract(u, divide(gap, fromNumber(slope))));
    u = clamped(subtract(u, divide(gap, fromNumber(slope))));
  }
  throw new RangeError(`The bound for ${k} of ${n} at level ${level.hi} was not found in ${MOST_STEPS} steps.`);
}

/** The lesser of p and 1 − p is at most ½: no step goes past it. */
function clamped(u: DoubleDouble): DoubleDouble {
  return u.hi > -LN_2.hi ? { hi: -LN_2.hi, lo: -LN_2.lo } : u;
}

/**
 * The score interval of E. B. Wilson (1927) with half a count of correction, for p or for 1 − p; where that is no probability, one
 * at which even a single success (or failure) among n is less likely than the tail, from where Newton's method comes up safely.
 */
function start({ k, n, level, inP }: { k: number; n: number; level: number; inP: boolean }): number {
  const upper = level <= 0.5;
  const tail = upper ? level : 1 - level;
  const z = approximateQuantile(tail) * (upper ? -1 : 1);
  const count = inP ? k - 0.5 : n - k + 0.5;
  const sign = inP ? 1 : -1;
  const spread = Math.sqrt((z * z) / 4 + count * (1 - count / n));
  const guess = (count + (z * z) / 2 + sign * z * spread) / (n + z * z);
  return guess > 0 ? Math.min(guess, 0.5) : tail / n / 2;
}
