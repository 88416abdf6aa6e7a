import { certify } from './certify.ts';
import { checkLevel, checkMargin } from './check-arguments.ts';
import { fromNumber } from './double-double.ts';
import { ln } from './ln.ts';
import { runnerUpLevels } from './runner-up-bounds.ts';
import type { Bound } from './bound.ts';

/**
 * The least number of estimation samples with which CERTIFY can certify anything: the least n for which count = n does.
 *
 * @param alpha the probability of error, in (0, 1)
 * @param margin as for `certify`, in [0, 0.49]
 * @param bound as for `certify`
 * @returns an integer ≥ 1: `certify` abstains on every estimate of fewer samples
 * @throws RangeError where an argument is out of its range
 */
export function leastN({ alpha, margin, bound }: { alpha: number; margin: number; bound: Bound }): number {
  checkLevel(alpha);
  checkMargin(margin);
  const level = bound === 'runner-up' ? runnerUpLevels({ alpha }).top : alpha;
  const real = ln(fromNumber(level)).hi / ln(fromNumber(0.5 + margin)).hi;
  let n = Math.max(1, Math.floor(real) - 1);
  while (certify({ count: n, runnerUpCount: 0, n, alpha, sigma: 1, bound, margin }).status === 'abstained') n += 1;
  return n;
}
