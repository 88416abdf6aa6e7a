import { add, divide, multiply, negate } from './double-double.ts';
import { ONE } from './double-double-constants.ts';
import type { DoubleDouble } from './double-double.ts';

/** Stops where the next convergent would change the value by less than this share of it. */
const TOLERANCE = 1e-27;
/** Reached by no tail of fewer than 1e12 samples more than a hair off the mean. */
const MOST_TERMS = 200_000_000;

/**
 * b₀ + a₁/(b₁ + a₂/(b₂ + …)) with all aᵢ, bᵢ > 0 (or aᵢ = 0 at the end of a finite one), by Steed's forward recurrence; with
 * positive terms the convergents enclose the value and nothing cancels.
 *
 * @param first b₀
 * @param term `(i) => ({ a, b })` gives aᵢ and bᵢ, i = 1, 2, …
 */
export function continuedFraction(
  first: DoubleDouble,
  term: (i: number) => { readonly a: DoubleDouble; readonly b: DoubleDouble },
): DoubleDouble {
  let { a, b } = term(1);
  let denominator = divide(ONE, b);
  let change = multiply(a, denominator);
  let value = add(first, change);
  for (let i = 2; change.hi !== 0 && Math.abs(change.hi) > TOLERANCE * value.hi; i += 1) {
    if (i > MOST_TERMS) throw new RangeError('A continued fraction did not converge.');
    ({ a, b } = term(i));
    const next = divide(ONE, add(b, multiply(a, denominator)));
    change = negate(multiply(change, multiply(a, multiply(denominator, next))));
    denominator = next;
    value = add(value, change);
  }
  return value;
}
