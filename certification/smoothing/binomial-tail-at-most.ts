import { binomialTail } from './binomial-tail.ts';
import { fromNumber, subtract } from './double-double.ts';
import { ln } from './ln.ts';
import { probabilityOf } from './probability.ts';

/** More than the error of a tail's logarithm: n·1e-31 and a hundred times what the continued fraction leaves. */
const ERROR_PER_SAMPLE = 1e-30;
const ERROR = 1e-24;
/** An exact comparison of this many samples takes milliseconds at p = ½, and well below a minute at any p. */
const MOST_SAMPLES_EXACT = 1024;

/**
 * Whether P(Bin(n, p + offset) ≥ k) ≤ level, decided by the numbers themselves and never by rounded ones.
 *
 * @param k any integer
 * @param n an integer in 0 … 1e12
 * @param p a double with 0 < p + offset < 1
 * @param offset a double, 0 by default
 * @param level a double in (0, 1)
 * @returns the exact answer. Where the two sides agree to 24 digits, integers of any length settle it to n = 1024; beyond, where
 *   only P(Bin(n, ½) ≥ (n + 1)/2) = ½ is known to meet a level exactly, any other such tie is answered `false`.
 */
export function binomialTailAtMost({
  k,
  n,
  p,
  offset = 0,
  level,
}: {
  k: number;
  n: number;
  p: number;
  offset?: number;
  level: number;
}): boolean {
  if (k <= 0) return false;
  if (k > n) return true;
  const { lnUpper } = binomialTail({ k, n, at: probabilityOf(p, offset) });
  const gap = subtract(lnUpper, ln(fromNumber(level))).hi;
  if (Math.abs(gap) > ERROR + n * ERROR_PER_SAMPLE) return gap < 0;
  if (p === 0.5 && offset === 0 && level === 0.5 && 2 * k === n + 1) return true;
  return n <= MOST_SAMPLES_EXACT && atMostExactly({ k, n, p, offset, level });
}

function atMostExactly({ k, n, p, offset, level }: { k: number; n: number; p: number; offset: number; level: number }) {
  const shift = Math.max(fractionBits(p), fractionBits(offset));
  const success = scaled(p, shift) + scaled(offset, shift);
  const failure = (1n << BigInt(shift)) - success;
  let term = 1n;
  for (let i = 0; i < n; i += 1) term *= success;
  let sum = term;
  for (let i = n; i > k; i -= 1) {
    term = (term * failure * BigInt(i)) / (success * BigInt(n - i + 1));
    sum += term;
  }
  const levelBits = fractionBits(level);
  return sum << BigInt(levelBits) <= scaled(level, levelBits) << BigInt(shift * n);
}

/** The least s for which value·2ˢ is an integer. */
function fractionBits(value: number): number {
  let bits = 0;
  for (let left = value; !Number.isInteger(left); left *= 2) bits += 1;
  return bits;
}

/** value·2ˢ for s ≥ fractionBits(value). */
function scaled(value: number, bits: number): bigint {
  const own = fractionBits(value);
  let integer = value;
  for (let i = 0; i < own; i += 1) integer *= 2;
  return BigInt(integer) << BigInt(bits - own);
}
