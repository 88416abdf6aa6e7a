import { approximateQuantile } from './approximate-quantile.ts';
import { add, divide, fromNumber, multiply, subtract } from './double-double.ts';
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import { lnNormalDensity, lnNormalTail, normalCentralMass } from './normal-tail.ts';
import type { DoubleDouble } from './double-double.ts';

/** Newton's method squares the relative error, so that a step of this relative size is the last. */
const LAST_STEP = 1e-14;
/** Five are taken at worst. */
const MOST_STEPS = 50;
/** From here up to ½ the distance from ½ loses no digits, and x is found from that. */
const LEAST_CENTRAL = 0.25;

/**
 * −Φ⁻¹(tail): the x ≥ 0 with P(N(0, 1) > x) = tail.
 *
 * @param tail in (0, ½]; down to 1e-300
 * @returns x with a relative error ≤ 1e-24, and exactly 0 for ½
 *
 * Method: Newton's from Hastings' approximation, on Φ(x) − ½ near the middle and on the tail's logarithm elsewhere.
 */
export function normalUpperQuantile(tail: DoubleDouble): DoubleDouble {
  const middle = subtract(fromNumber(0.5), tail);
  if (!(tail.hi > 0 && middle.hi >= 0)) {
    throw new RangeError(`A tail must be above 0 and at most 1/2, and is ${tail.hi}.`);
  }
  if (middle.hi === 0) return middle;
  const central = tail.hi >= LEAST_CENTRAL;
  const goal = central ? middle : ln(tail);
  let x = fromNumber(central ? middle.hi * 2.5 : approximateQuantile(tail.hi));
  for (let i = 0; i < MOST_STEPS; i += 1) {
    const lnDensity = lnNormalDensity(x);
    let step: DoubleDouble;
    if (central) {
      step = divide(subtract(goal, normalCentralMass(x)), exp(lnDensity));
    } else {
      const lnTail = lnNormalTail(x);
      step = multiply(subtract(lnTail, goal), exp(subtract(lnTail, lnDensity)));
    }
    x = add(x, step);
    if (Math.abs(step.hi) <= LAST_STEP * x.hi) return x;
  }
  throw new RangeError(`The normal quantile at ${tail.hi} was not found in ${MOST_STEPS} steps.`);
}
