import { correctRadius, outcomes, type ExampleColumns } from './example-columns.ts';

/**
 * Positions of examples, the weakest first: failed, misclassified (the surest first), skipped and abstained ones, then
 * certified ones by ascending radius; where all that is equal, in the claim's order.
 */
export function weakestFirst(examples: ExampleColumns): Uint32Array {
  return Uint32Array.from(examples.index, (_, at) => at).sort((a, b) => byWeakness(examples, a, b));
}

/**
 * Positions of examples, the worst drops against a baseline of the same examples first: by what they lost of the radius
 * that counts for certified accuracy, of equal losses those that lost all first; then as `weakestFirst`.
 */
export function worstDropsFirst(examples: ExampleColumns, baseline: ExampleColumns): Uint32Array {
  const change = Float64Array.from(
    examples.index,
    (_, at) => correctRadius(examples, at) - correctRadius(baseline, at),
  );
  const standing = Int8Array.from(examples.index, (_, at) => counts(examples, at) - counts(baseline, at));
  return Uint32Array.from(examples.index, (_, at) => at).sort(
    (a, b) => change[a] - change[b] || standing[a] - standing[b] || byWeakness(examples, a, b),
  );
}

/** 1 where the example counts for certified accuracy at some radius, else 0. */
function counts({ outcome }: ExampleColumns, at: number): 0 | 1 {
  return outcomes[outcome[at]] === 'certified' ? 1 : 0;
}

function byWeakness({ outcome, radius }: ExampleColumns, a: number, b: number): number {
  const surestFirst = outcomes[outcome[a]] === 'misclassified';
  return outcome[a] - outcome[b] || (surestFirst ? radius[b] - radius[a] : radius[a] - radius[b]) || a - b;
}
