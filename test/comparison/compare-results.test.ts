import { describe, expect, it } from 'vitest';
import { compareResults } from '../../certification/comparison/compare-results.ts';
import { comparisonFigures, comparisonTable } from '../../certification/comparison/comparison-table.ts';
import { pValueText } from '../../certification/comparison/p-value-text.ts';
import { resultsOf, runResults } from '../report/tables/sample-results.ts';

/** SciPy 1.17.1: `binomtest(min(lost, gained), lost + gained, 0.5).pvalue`, and `alternative='greater'` of the lost. */
const REFERENCE: [lost: number, gained: number, twoSided: number, ofLoss: number][] = [
  [5, 0, 0.0625, 0.03125],
  [0, 7, 0.015625, 1],
  [3, 1, 0.625, 0.3125],
  [1, 8, 0.0390625, 0.998046875],
  [12, 3, 0.03515625, 0.017578125],
  [3, 12, 0.03515625, 0.996307373046875],
  [20, 20, 1, 0.5626853438097896],
];

/** Two results that differ at radius 0.5 in so many examples, of 60. */
function pair(lost: number, gained: number) {
  const radii = (from: number, count: number) =>
    Array.from({ length: 60 }, (_, at) => (at >= from && at < from + count ? 1 : 0.25));
  return { a: resultsOf(radii(0, lost), { name: 'a' }), b: resultsOf(radii(40 - gained, gained), { name: 'b' }) };
}

describe('a comparison of two results', () => {
  it.each(REFERENCE)("has SciPy's exact p-values of %d lost and %d gained", (lost, gained, twoSided, ofLoss) => {
    const [zero, half] = compareResults({ ...pair(lost, gained), radii: [0, 0.5] });
    expect(half).toMatchObject({ certifiedA: lost, certifiedB: gained });
    expect(half.onlyA).toEqual(Array.from({ length: lost }, (_, at) => at));
    expect(half.onlyB).toEqual(Array.from({ length: gained }, (_, at) => 40 - gained + at));
    expect(Math.abs(half.pValue / twoSided - 1)).toBeLessThan(1e-11);
    expect(Math.abs(half.pValueOfLoss / ofLoss - 1)).toBeLessThan(1e-11);
    expect(zero).toMatchObject({ certifiedA: 60, certifiedB: 60, onlyA: [], onlyB: [], pValue: 1 });
    // Two radii, of which this one is the smaller.
    expect(half.adjustedPValue).toBe(Math.min(1, 2 * half.pValue));
  });

  it('is of the same examples, or of none: it names the first difference', () => {
    const { a, b } = pair(5, 0);
    const refusal = (other: typeof b) => () => compareResults({ a, b: other });
    expect(refusal({ ...b, indices: b.indices.map((index) => index + Number(index > 6)) })).toThrow(
      'a and b are not of the same examples: at row 8 the one has example 7, the other example 8.',
    );
    expect(refusal({ ...b, labels: b.labels.map((label, at) => (at === 3 ? 9 : label)) })).toThrow(
      'at row 4 example 3 has label 0 in the one and 9 in the other.',
    );
    expect(refusal(resultsOf([...b.radii].slice(0, 50)))).toThrow('the one has 60 examples, the other 50.');
    const dataset = { sha256: 'a'.repeat(64), digestOf: 'files' as const };
    const ofSet = (sha256: string) => ({ ...b, dataset: { ...dataset, sha256 } as typeof b.dataset });
    expect(() => compareResults({ a: ofSet('a'.repeat(64)), b: ofSet('b'.repeat(64)) })).toThrow(
      'their datasets have other digests (aaaaaaaaaaaa… and bbbbbbbbbbbb…).',
    );
    expect(compareResults({ a: ofSet('a'.repeat(64)), b })).not.toHaveLength(0);
  });

  it('refuses two norms, and takes two laws of noise', () => {
    const { a, b } = pair(5, 0);
    const other = (setting: object) => ({ ...b, setting: { ...b.setting, ...setting } });
    expect(() => compareResults({ a, b: other({ norm: 'linf' }) })).toThrow("which can't be compared");
    expect(compareResults({ a, b: other({ law: 'uniform', scale: 1 }) })).not.toHaveLength(0);
  });

  it('compares sequential mode at the radii that both decided alone', () => {
    const sequential = runResults('sequential', 40);
    const fixed = runResults('fixed', 40);
    expect(compareResults({ a: fixed, b: sequential }).map(({ radius }) => radius)).toEqual([0, 0.25, 0.5]);
    expect(() => compareResults({ a: fixed, b: sequential, radii: [0.1] })).toThrow('decided no radius 0.1');
  });
});

describe('the tables of a comparison', () => {
  const { a, b } = pair(12, 3);
  const at = compareResults({ a, b, radii: [0, 0.5] });

  it('show accuracies, their difference, who gained and lost, and p-values', () => {
    const { columns, rows } = comparisonTable(at, { a, b });
    expect(columns.map(({ heading }) => heading)).toEqual([
      'radius',
      'A (%)',
      'B (%)',
      'B − A',
      'only A',
      'only B',
      'p',
      'p (Holm)',
    ]);
    expect(rows[1].cells.map(({ text }) => text)).toEqual([
      '0.50',
      '20.00',
      '5.00',
      '−15.00',
      '12',
      '3',
      '0.0352',
      '0.0704',
    ]);
    expect(rows[1].cells[3].plain).toBe('-15.00');
  });

  it('list the examples gained and lost: the first of them in notes, all of them in columns', () => {
    const many = pair(20, 3);
    const compared = compareResults({ ...many, radii: [0.5] });
    const { notes } = comparisonTable(compared, { ...many, examples: 'notes' });
    expect(notes).toContain('Examples certified at 0.50 in only A: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, and 8 more.');
    expect(notes).toContain('Examples certified at 0.50 in only B: 37, 38, 39.');
    const { rows } = comparisonTable(compared, { ...many, examples: 'columns' });
    expect(rows[0].cells[8].text.split(' ').map(Number)).toEqual(compared[0].onlyA);
    expect(rows[0].cells[9].text).toBe('37 38 39');
  });

  it('say what each is and where they differ in α', () => {
    const { notes } = comparisonTable(at, { a, b: { ...b, setting: { ...b.setting, alpha: 0.01 } } });
    expect(notes[0]).toBe('A: a, σ = 0.25, n0 = 100, n = 1,000, α = 0.001.');
    expect(notes[1]).toBe('B: b, σ = 0.25, n0 = 100, n = 1,000, α = 0.01.');
    expect(notes).toContain('The certificates of A and B are of different α.');
    expect(comparisonTable(at, { a, b }).notes).toHaveLength(3);
  });

  it('have the figures of both, that of sequential mode as a lower bound', () => {
    const sequential = runResults('sequential', 60);
    const { rows, notes } = comparisonFigures({ a, b: sequential });
    const figure = (name: string) => rows.find(({ cells }) => cells[0].text === name)?.cells.map(({ text }) => text);
    expect(figure('average certified radius')).toEqual([
      'average certified radius',
      '0.4000',
      expect.stringMatching(/^≥ 0\.\d{4}$/),
      '',
    ]);
    expect(figure('samples')?.[1]).toBe('66,000');
    expect(Number(figure('samples')?.[3])).toBeCloseTo(sequential.summary.samples / 66_000, 2);
    expect(notes[0]).toContain('lower bound');
  });
});

describe('a p-value', () => {
  it.each([
    [1, '1.0000'],
    [0.03515625, '0.0352'],
    [0.0625, '0.0625'],
    [0.00100000001, '0.0011'],
    [0.000976, '9.76e-4'],
    [9.999e-5, '1.00e-4'],
    [2.6101217871994104e-54, '2.62e-54'],
    [5e-324, '4.94e-324'],
  ])('of %d is printed %s, never below it', (value, text) => {
    expect(pValueText(value)).toBe(text);
    expect(Number(text)).toBeGreaterThanOrEqual(value);
  });
});
