import type { NoiseScale } from './noise-scale.ts';

/** Past this the accuracy stated for the bounds no longer holds. */
const MOST_SAMPLES = 1e12;

/** @throws RangeError unless `count` and `n` are integers with 0 ≤ count ≤ n and 1 ≤ n ≤ 1e12 */
export function checkCounts({ count, n }: { count: number; n: number }): void {
  if (!Number.isInteger(n) || n < 1 || n > MOST_SAMPLES) {
    throw new RangeError(`n must be an integer from 1 to 1e12, and is ${n}.`);
  }
  if (!Number.isInteger(count) || count < 0 || count > n) {
    throw new RangeError(`A count of ${n} samples must be an integer from 0 to ${n}, and is ${count}.`);
  }
}

/** @throws RangeError unless `level` is strictly between 0 and 1 */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`A level must be above 0 and below 1, and is ${level}.`);
}

/** @throws RangeError unless `margin` is at least 0 and below ½ */
export function checkMargin(margin: number): void {
  if (!(margin >= 0 && margin < 0.5))
    throw new RangeError(`A margin must be at least 0 and below 1/2, and is ${margin}.`);
}

/** @throws RangeError unless `sigma` is finite and above 0 */
export function checkSigma(sigma: number): void {
  if (!(sigma > 0 && sigma < Infinity)) throw new RangeError(`sigma must be finite and above 0, and is ${sigma}.`);
}

/** @throws RangeError unless `sigma` is finite and above 0, and so is `lambda` where there is one */
export function checkScale({ sigma, lambda }: NoiseScale): void {
  checkSigma(sigma);
  if (lambda !== undefined && !(lambda > 0 && lambda < Infinity)) {
    throw new RangeError(`lambda must be finite and above 0, and is ${lambda}.`);
  }
}

/** @throws RangeError unless the arguments of a bound on certified accuracy are in their ranges */
export function checkCertified({
  examples,
  certified,
  alpha,
  rho,
}: {
  examples: number;
  certified: number;
  alpha: number;
  rho: number;
}): void {
  checkCounts({ count: certified, n: examples });
  checkLevel(alpha);
  checkLevel(rho);
}
