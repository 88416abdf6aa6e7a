import { add, fromNumber } from './double-double.ts';
import { atMostOne } from './exact-lower-bound.ts';
import type { DoubleDouble } from './double-double.ts';
import type { ExactBound } from './exact-lower-bound.ts';

/** An upper bound on a probability, moved up by `margin`, at most 1. The sum's error is below that allowed for the bound. */
export function raisedBy(bound: DoubleDouble, margin: number): DoubleDouble {
  return atMostOne(add(bound, fromNumber(margin)));
}

/** A lower bound on a probability, moved down by `margin`, at least 0. */
export function loweredBy({ p, q }: ExactBound, margin: number): ExactBound {
  const lowered = add(p, fromNumber(-margin));
  return { p: lowered.hi > 0 ? lowered : fromNumber(0), q: raisedBy(q, margin) };
}
