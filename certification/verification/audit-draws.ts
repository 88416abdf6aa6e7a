import { chernoffBound } from './chernoff-bound.ts';
import { chiSquareTail } from './chi-square-tail.ts';
import type { LatticeLaw } from './lattice-law.ts';
import { mergedCells } from './merged-cells.ts';
import { standardisedMoments } from './standardised-moments.ts';
import { addPairs, signCorrelation } from './sign-correlation.ts';
import type { PairSums } from './sign-correlation.ts';

/** One example's noise in lattice steps: rows of `dimensions`, one for each sample from sample 0 on. */
export interface ExampleDraws {
  /** Index in the dataset. */
  readonly example: number;
  readonly estimation: Int16Array | Int32Array;
  readonly selection: Int16Array | Int32Array;
}

export interface NoiseTest {
  readonly name: string;
  /**
   * Standard errors from the law's for moments, tails and correlations; Pearson's statistic; Kolmogorov's distance; a count
   * for the tests that chance cannot fail.
   */
  readonly statistic: number;
  /** The chance, or a bound on it, that true noise gives a statistic as far off. */
  readonly pValue: number;
  /** The test fails where `pValue` is at most this: its share in the rate of false alarms, 0 where chance has none. */
  readonly level: number;
  readonly passed: boolean;
}

export interface NoiseAudit {
  /** How many integers were drawn. */
  readonly draws: number;
  /** The chance that at least one test fails though the noise follows its law: the sum of the levels. */
  readonly falseAlarmRate: number;
  readonly tests: readonly NoiseTest[];
  readonly passed: boolean;
}

type Outcome = Pick<NoiseTest, 'name' | 'statistic' | 'pValue'>;

/** Of all tests together. */
const FALSE_ALARM_RATE = 1e-6;
/** Distances of neighbours in a row: the next element, the next Philox block of 4, the kernel's next group of 16. */
const LAGS = [1, 4, 16];
/** With fewer pairs 2·exp(−pairs/2), the least bound there is, comes near the levels: the test could not fail. */
const LEAST_PAIRS = 100;
/** Elements at the end of each row that the second Kolmogorov–Smirnov test is of: a partial group of the kernel's. */
const ROW_END = 16;

/**
 * Tests draws against the law: that none lies outside its support; mean, variance, skewness and kurtosis, and the shares
 * beyond 3 and 4 standard deviations (Chernoff's bound); χ² over the lattice, neighbouring cells merged; Kolmogorov–Smirnov,
 * of all draws and of the rows' last 16 elements; and correlations between neighbours in a row, consecutive samples,
 * consecutive examples, and an example's selection and estimation noise. Tests for which there are too few draws are left out.
 *
 * All levels are equal and add up to `FALSE_ALARM_RATE` (Bonferroni). The p-values of moments, tails and correlations and
 * those of Kolmogorov–Smirnov are upper bounds for any number of draws: the last by the inequality of Dvoretzky, Kiefer and
 * Wolfowitz with Massart's constant, P(D ≥ d) ≤ 2·exp(−2nd²) ("The tight constant in the DKW inequality", Annals of
 * Probability 1990), which holds for discrete laws too. That of χ² is right to 10 %.
 *
 * @param draws of distinct examples
 * @param dimensions elements of a sample
 * @param law from `latticeLaw`
 */
export function auditDraws({
  draws,
  dimensions,
  law,
}: {
  draws: readonly ExampleDraws[];
  dimensions: number;
  law: LatticeLaw;
}): NoiseAudit {
  const all = histogram({ draws, dimensions, law, perRow: dimensions });
  const rowEnds = histogram({ draws, dimensions, law, perRow: Math.min(ROW_END, dimensions) });
  const support = { name: 'support', statistic: all.outside, pValue: all.outside === 0 ? 1 : 0 };
  const outcomes: Outcome[] = [
    ...momentTests(all, law),
    ...chiSquareTest(all, law),
    { name: 'Kolmogorov-Smirnov', ...kolmogorovSmirnov(all, law) },
    { name: 'Kolmogorov-Smirnov, ends of rows', ...kolmogorovSmirnov(rowEnds, law) },
    ...correlationTests(draws, dimensions),
  ];
  const level = FALSE_ALARM_RATE / outcomes.length;
  const tests = [
    { ...support, level: 0, passed: support.pValue > 0 },
    ...outcomes.map((outcome) => ({ ...outcome, level, passed: outcome.pValue > level })),
  ];
  return { draws: all.total, falseAlarmRate: FALSE_ALARM_RATE, tests, passed: tests.every(({ passed }) => passed) };
}

interface Histogram {
  readonly total: number;
  /** Of `min`, `min + 1`, …; draws outside the support count at its ends. */
  readonly counts: Float64Array;
  readonly outside: number;
}

/** Counts the last `perRow` elements of each row. */
function histogram({
  draws,
  dimensions,
  law,
  perRow,
}: {
  draws: readonly ExampleDraws[];
  dimensions: number;
  law: LatticeLaw;
  perRow: number;
}): Histogram {
  const last = law.probabilities.length - 1;
  const counts = new Float64Array(last + 1);
  let total = 0;
  let outside = 0;
  for (const rows of draws.flatMap(({ estimation, selection }) => [estimation, selection])) {
    for (let end = dimensions; end <= rows.length; end += dimensions) {
      for (let i = end - perRow; i < end; i++) {
        const cell = rows[i] - law.min;
        if (cell >= 0 && cell <= last) counts[cell]++;
        else {
          outside++;
          counts[cell < 0 ? 0 : last]++;
        }
      }
      total += perRow;
    }
  }
  return { total, counts, outside };
}

function momentTests({ total, counts }: Histogram, law: LatticeLaw): Outcome[] {
  return standardisedMoments(law).map(({ name, values }) => {
    const mean = values.reduce((sum, value, k) => sum + value * counts[k], 0) / total;
    const pValue = chernoffBound({ values, probabilities: law.probabilities, mean, n: total });
    return { name, statistic: mean * Math.sqrt(total), pValue };
  });
}

function chiSquareTest({ total, counts }: Histogram, { probabilities }: LatticeLaw): Outcome[] {
  const expected = probabilities.map((p) => p * total);
  const ends = mergedCells(expected);
  if (ends.length === 0) return [];
  let x = 0;
  let from = 0;
  for (const end of ends) {
    let expectation = 0;
    let count = 0;
    for (; from < end; from++) {
      expectation += expected[from];
      count += counts[from];
    }
    x += (count - expectation) ** 2 / expectation;
  }
  return [{ name: 'chi-square', statistic: x, pValue: chiSquareTail({ x, df: ends.length - 1 }) }];
}

function kolmogorovSmirnov(
  { total, counts }: Histogram,
  { probabilities }: LatticeLaw,
): { statistic: number; pValue: number } {
  let distance = 0;
  let below = 0;
  let cdf = 0;
  for (let k = 0; k < counts.length; k++) {
    below += counts[k];
    cdf += probabilities[k];
    distance = Math.max(distance, Math.abs(below / total - cdf));
  }
  return { statistic: distance, pValue: Math.min(1, 2 * Math.exp(-2 * total * distance ** 2)) };
}

function correlationTests(draws: readonly ExampleDraws[], dimensions: number): Outcome[] {
  const names: string[] = [];
  const sums: PairSums[] = [];
  const open = (name: string): PairSums => {
    names.push(name);
    const opened = { pairs: 0, products: 0, squaredProducts: 0 };
    sums.push(opened);
    return opened;
  };
  for (const lag of LAGS) {
    const lagged = open(`correlation, elements ${lag} apart`);
    for (const rows of draws.flatMap(({ estimation, selection }) => [estimation, selection])) {
      for (let row = 0; row < rows.length; row += dimensions) {
        addPairs({ sums: lagged, x: rows, xFrom: row, y: rows, yFrom: row + lag, count: dimensions - lag });
      }
    }
  }
  const samples = open('correlation, consecutive samples');
  const examples = open('correlation, two examples');
  const phases = open('correlation, selection and estimation');
  draws.forEach(({ estimation, selection }, i) => {
    for (const rows of [estimation, selection]) {
      addPairs({ sums: samples, x: rows, xFrom: 0, y: rows, yFrom: dimensions, count: rows.length - dimensions });
    }
    addPairs({ sums: phases, x: selection, y: estimation, ...shared(selection, estimation) });
    if (i + 1 === draws.length) return;
    const next = draws[i + 1];
    addPairs({ sums: examples, x: estimation, y: next.estimation, ...shared(estimation, next.estimation) });
    addPairs({ sums: examples, x: selection, y: next.selection, ...shared(selection, next.selection) });
  });
  return sums.flatMap((each, i) => (each.pairs < LEAST_PAIRS ? [] : [{ name: names[i], ...signCorrelation(each) }]));
}

/** The rows that both have, as `addPairs` takes them. */
function shared(x: ArrayLike<number>, y: ArrayLike<number>): { xFrom: number; yFrom: number; count: number } {
  return { xFrom: 0, yFrom: 0, count: Math.min(x.length, y.length) };
}
