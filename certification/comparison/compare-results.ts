import { PerimeterError } from '../perimeter-error.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { certifiedCount, ownRadius } from '../report/tables/certified-point.ts';
import { firstUnlikeExample } from '../report/tables/first-unlike-example.ts';
import { oneNorm } from '../report/tables/one-norm.ts';
import { sharedRadii } from '../report/tables/shared-radii.ts';
import { holm } from './holm.ts';
import { mcnemar } from './mcnemar.ts';
import { pairedChanges } from './paired-changes.ts';

/** Two results at one radius. */
export interface ResultsAt {
  readonly radius: number;
  /** How many examples are certified in A, and in B. */
  readonly certifiedA: number;
  readonly certifiedB: number;
  /** The examples certified in A alone, by their indices, ascending. */
  readonly onlyA: readonly number[];
  /** Those certified in B alone. */
  readonly onlyB: readonly number[];
  /** That the two differ as much, or more, by chance alone. */
  readonly pValue: number;
  /** The same adjusted over the radii. */
  readonly adjustedPValue: number;
  /** That B has lost as much, or more, by chance alone: what audits ask. */
  readonly pValueOfLoss: number;
  readonly adjustedPValueOfLoss: number;
}

/**
 * Compares two results on the same examples: at each radius which are certified in one and not in the other, and whether they
 * differ by more than chance (McNemar's exact test, adjusted by Holm over the radii).
 *
 * @param options.a the one, mostly the older.
 * @param options.radii ≥ 0; left out, those of `sharedRadii`.
 * @throws PerimeterError `InvalidRequest` where the two are of other examples or norms, or one says nothing of a radius.
 */
export function compareResults({
  a,
  b,
  radii,
}: {
  a: CertifiedResults;
  b: CertifiedResults;
  radii?: readonly number[] | undefined;
}): ResultsAt[] {
  const unlike = firstUnlikeExample(a, b);
  if (unlike !== undefined) {
    throw new PerimeterError(
      'InvalidRequest',
      `${a.name} and ${b.name} are not of the same examples: ${unlike}. Expected two results on the same examples, in the same order.`,
    );
  }
  oneNorm([a, b]);
  const pairs = (radii ?? sharedRadii([a, b])).map((radius) => {
    const { lost, gained } = pairedChanges(
      { radii: a.radii, radius: ownRadius(a, radius) },
      { radii: b.radii, radius: ownRadius(b, radius) },
    );
    const { twoSided, ofLoss } = mcnemar({ lost: lost.length, gained: gained.length });
    return {
      radius,
      certifiedA: certifiedCount(a, radius),
      certifiedB: certifiedCount(b, radius),
      onlyA: lost.map((at) => a.indices[at]),
      onlyB: gained.map((at) => a.indices[at]),
      pValue: twoSided,
      pValueOfLoss: ofLoss,
    };
  });
  const adjusted = holm(pairs.map(({ pValue }) => pValue));
  const ofLoss = holm(pairs.map(({ pValueOfLoss }) => pValueOfLoss));
  return pairs.map((pair, at) => ({ ...pair, adjustedPValue: adjusted[at], adjustedPValueOfLoss: ofLoss[at] }));
}
