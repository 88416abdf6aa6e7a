import { binomialTail } from '../smoothing/binomial-tail.ts';
import { checkCounts } from '../smoothing/check-arguments.ts';
import { exp } from '../smoothing/exp.ts';
import { probabilityOf } from '../smoothing/probability.ts';
import { roundUp } from '../smoothing/round-outward.ts';

/** p-values of the paired test, each rounded up. */
export interface PairedTest {
  /** That as much is lost, or more, by chance alone. */
  readonly ofLoss: number;
  /** That the two differ as much, or more, by chance alone: twice the lesser tail. */
  readonly twoSided: number;
}

/**
 * The exact test of McNemar (Psychometrika 12, 1947) whether two classifiers do equally well on the same examples: of those
 * on which they differ, as many should be for the one as for the other, so that the counts are binomial at ½.
 *
 * @param lost examples that the first has and the second hasn't, an integer ≥ 0
 * @param gained examples that the second has and the first hasn't, an integer ≥ 0; together at most 1e12
 * @returns p-values with a relative error ≤ 4.5e-16; 1 where the two differ on no example
 * @throws RangeError where an argument is out of its range
 */
export function mcnemar({ lost, gained }: { lost: number; gained: number }): PairedTest {
  const n = lost + gained;
  for (const count of [lost, gained]) checkCounts({ count, n: Math.max(n, 1) });
  const atLeast = (k: number) =>
    k === 0 ? 1 : Math.min(1, roundUp(exp(binomialTail({ k, n, at: probabilityOf(0.5) }).lnUpper)));
  return { ofLoss: atLeast(lost), twoSided: Math.min(1, 2 * atLeast(Math.max(lost, gained))) };
}
