/** The least expectation of a cell to start from. */
const LEAST_EXPECTATION = 100;
/** How far off the χ² law may put a tail of `LEAST_TAIL`. */
const TOLERANCE = 0.1;
/** ln(1e8): tails down to 1e-8 are to be that good. */
const LEAST_TAIL = 18.42;

/**
 * Merges neighbouring cells until Pearson's statistic over them follows the χ² law closely: tails down to 1e-8 are right to
 * 10 %. Cells are joined to a least expectation, 100 at first, which is doubled until that holds.
 *
 * A count of expectation E has skewness 1/√E and excess kurtosis 1/E, which (Edgeworth's expansion) change the tail at x by
 * the factor exp(Σ (δ²/8 + 5δ³/24)/E), δ = x/df − 1; x is bounded by df + 2√(df·L) + 2L for the tail e^(−L) (Laurent &
 * Massart 2000, lemma 1). Exact tails of sums of 4 to 300 Poisson cells stay within that factor, give or take 4 %.
 *
 * @param expected expectation of each cell's count, in the cells' order
 * @returns the index after each merged cell's last cell; empty where no two cells can be had
 */
export function mergedCells(expected: Float64Array): number[] {
  for (let least = LEAST_EXPECTATION; ; least *= 2) {
    const { ends, expectations } = merge(expected, least);
    const df = ends.length - 1;
    if (df < 1) return [];
    const delta = (2 * Math.sqrt(df * LEAST_TAIL) + 2 * LEAST_TAIL) / df;
    const inverses = expectations.reduce((sum, expectation) => sum + 1 / expectation, 0);
    if (inverses * (delta ** 2 / 8 + (5 * delta ** 3) / 24) <= TOLERANCE) return ends;
  }
}

function merge(expected: Float64Array, least: number): { ends: number[]; expectations: number[] } {
  const ends: number[] = [];
  const expectations: number[] = [];
  let expectation = 0;
  for (let i = 0; i < expected.length; i++) {
    expectation += expected[i];
    if (expectation < least) continue;
    ends.push(i + 1);
    expectations.push(expectation);
    expectation = 0;
  }
  // What is left over belongs to the last cell.
  if (ends.length > 0) {
    ends[ends.length - 1] = expected.length;
    expectations[expectations.length - 1] += expectation;
  }
  return { ends, expectations };
}
