import { fromNumber, subtract } from './double-double.ts';
import { ONE } from './double-double-constants.ts';
import { exp } from './exp.ts';
import { lnNormalTail } from './normal-tail.ts';

/**
 * Φ(x), the distribution function of the standard normal law.
 *
 * @param x a finite number
 * @returns Φ(x) to the nearest double or its neighbour, in the lower tail too while Φ(x) is above 1e-290
 */
export function normalCdf(x: number): number {
  const tail = exp(lnNormalTail(fromNumber(Math.abs(x))));
  return x <= 0 ? tail.hi : subtract(ONE, tail).hi;
}
