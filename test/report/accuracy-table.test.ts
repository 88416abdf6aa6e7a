import { describe, expect, it } from 'vitest';
import { accuracyRows } from '../../certification/report/accuracy-rows.ts';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { summarize } from '../../certification/report/summarize.ts';
import { tableRadii } from '../../certification/report/table-radii.ts';
import {
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
} from './sample-certificates.ts';

function summaryAt({ n, sigma, examples = 200 }: { n: number; sigma: number; examples?: number }) {
  const claim = sampleClaim({ examples, n, sigma });
  return summarize({ claim, claimDigest: '', certificates: sampleCertificates(claim) });
}

function sequentialSummary(radii: number[], { skipMisclassified = false } = {}) {
  const claim = sampleSequentialClaim({ examples: 200, radii, n: 2000, skipMisclassified });
  return summarize({ claim, claimDigest: '', certificates: sampleSequentialCertificates(claim) });
}

const usual = summaryAt({ n: 10_000, sigma: 0.25, examples: 500 });

describe('accuracyTable', () => {
  it('reads like the table of a paper', () => {
    expect(accuracyTable(usual)).toMatchInlineSnapshot(`
      "Certified accuracy of 500 examples
      (each lower bound holds with probability 1 − 0.001)

      radius   certified   accuracy   bound at this radius   bound at all radii
        0.00         450    90.00 %                89.60 %              89.20 %
        0.25         334    66.80 %                66.40 %              66.00 %
        0.50         201    40.20 %                39.60 %              39.40 %
        0.75         134    26.80 %                26.20 %              26.00 %

      clean accuracy             93.60 %
      average certified radius   0.4194
      not certified              23 abstained, 0 skipped, 0 failed
      "
    `);
  });

  it('fits a terminal of 80 columns, however many examples there are', () => {
    const many = { ...usual, examples: 1_281_167, abstained: 123_456, skipped: 123_456, failed: 123_456 };
    const lines = accuracyTable({ ...many, curve: many.curve.map((point) => ({ ...point, certified: 1_281_167 })) });
    expect(Math.max(...lines.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('shows the radii that are asked for, and nothing certified past the curve’s end', () => {
    const lines = accuracyTable(usual, { radii: [0.3, 0.07, 2] })
      .split('\n')
      .slice(4, 7);
    const certifiedAt = (radius: number) => String(usual.curve.find((point) => point.radius === radius)?.certified);
    expect(lines.map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual([
      ['0.30', certifiedAt(0.3)],
      ['0.07', certifiedAt(0.07)],
      ['2.00', '0'],
    ]);
  });

  it('refuses a radius between the curve’s points, rather than to guess', () => {
    expect(() => accuracyTable(usual, { radii: [0.255] })).toThrow(
      'The summary has no certified accuracy at radius 0.255: its radii are the multiples of 0.01 from 0 to 0.8.',
    );
  });

  it('rounds accuracies and bounds down', () => {
    const third = { radius: 0, certified: 2, accuracy: 2 / 3, lower: 2 / 3, wholeCurveLower: 1 / 3 };
    const table = accuracyTable({ ...usual, examples: 3, curve: [third], cleanAccuracy: 2 / 3 });
    expect(table).toMatch(/0\.00 +2 +66\.66 % +66\.66 % +33\.33 %/);
    expect(table).toMatch(/clean accuracy +66\.66 %/);
  });
});

describe('accuracyTable of sequential mode', () => {
  const sequential = sequentialSummary([0, 0.25, 0.5], { skipMisclassified: true });

  it('has the radii that were decided, and ends with what an example cost and what skipping saved', () => {
    expect(accuracyTable(sequential)).toMatchInlineSnapshot(`
      "Certified accuracy of 200 examples
      (each lower bound holds with probability 1 − 0.001)

      radius   certified   accuracy   bound at this radius   bound at all radii
        0.00         174    87.00 %                86.50 %              85.50 %
        0.25         131    65.50 %                64.50 %              64.00 %
        0.50          71    35.50 %                34.50 %              34.00 %

      clean accuracy             95.50 %
      average certified radius   at least 0.2525
      not certified              17 abstained, 9 skipped, 0 failed
      samples an example         1,076 on average, 2,100 at most
      samples saved by skipping  at most 90 an example; 9 skipped
      "
    `);
  });

  it('has no line of a saving where nothing was skipped; in fixed mode the saving is exact', () => {
    expect(accuracyTable(sequentialSummary([0.5]))).not.toContain('saved');
    const skipped = accuracyTable({ ...usual, skipped: 12, skippedSamples: 12 * 10_000 });
    expect(skipped).toContain('samples saved by skipping  240 an example; 12 skipped\n');
    expect(skipped).not.toContain('samples an example');
  });

  it('averages over the examples that didn’t fail, and rounds a cost up', () => {
    const summary = { ...sequential, failed: 197, samples: 1000, mostSamples: 200 * 2100 };
    expect(accuracyTable(summary)).toContain('samples an example         334 on average, 2,100 at most\n');
    expect(accuracyTable({ ...summary, failed: 200, samples: 0 })).toContain('0 on average');
  });

  it('fits a terminal of 80 columns, however many examples and samples there are', () => {
    const examples = 1_281_167;
    const many = { ...sequential, examples, skipped: 1_281_166, failed: 0 };
    const samples = examples * (2 ** 32 - 1);
    const lines = accuracyTable({
      ...many,
      samples,
      skippedSamples: samples,
      mostSamples: samples,
      curve: many.curve.map((point) => ({ ...point, radius: point.radius + 1 / 3, certified: examples })),
    });
    expect(Math.max(...lines.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('refuses radii that were not decided, past the largest too', () => {
    const refused = 'has no certified accuracy at radius 0.75: its radii are 0, 0.25, 0.5.';
    expect(() => accuracyTable(sequential, { radii: [0.75] })).toThrow(refused);
    expect(() => accuracyTable(sequential, { radii: [0.3] })).toThrow('at radius 0.3');
    const hundred = sequential.curve.flatMap((point) =>
      Array.from({ length: 34 }, (_, at) => ({ ...point, radius: point.radius + at / 256 })),
    );
    expect(() => accuracyTable({ ...sequential, curve: hundred }, { radii: [0.3] })).toThrow(
      /0, .*, … 0\.6.*, 102 in all/,
    );
  });

  it('shows radii as they were typed, without what computing them in doubles added, and none above its value', () => {
    const [point] = sequential.curve;
    const radiiOf = (radii: number[]) =>
      accuracyRows({ ...sequential, curve: radii.map((radius) => ({ ...point, radius })) }).map((row) => row.radius);
    expect(radiiOf([0.1, 0.2, 0.1 + 0.2, 0.7])).toEqual(['0.10', '0.20', '0.30', '0.70']);
    expect(radiiOf([0, 0.125, 0.3])).toEqual(['0.000', '0.125', '0.300']);
    const third = radiiOf([2 / 3]);
    expect(third).toEqual(['0.666666666']);
    expect(Number(radiiOf([1 - 0.9])[0])).toBeLessThanOrEqual(1 - 0.9);
    const curve = [{ ...point, radius: 0.1 + 0.2 }];
    expect(accuracyRows({ ...sequential, curve }, [0.3])).toMatchObject([{ radius: '0.30' }]);
  });
});

describe('tableRadii of sequential mode', () => {
  const radiiOf = (radii: number[]) =>
    tableRadii({ mode: 'sequential', curve: radii.map((radius) => ({ ...usual.curve[0], radius })) });
  const hundredths = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => (from + at) / 100);

  it.each([[[0]], [[0.5]], [[0, 0.25, 0.5]], [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]], [hundredths(1, 20)]])(
    'has all of up to 20 radii: %j',
    (radii) => {
      expect(radiiOf(radii)).toEqual(radii);
    },
  );

  it('has every second, fifth or tenth of more', () => {
    expect(radiiOf(hundredths(0, 20))).toEqual([0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2]);
    expect(radiiOf(hundredths(0, 100))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    const fives = Array.from({ length: 20 }, (_, at) => (5 * at) / 100);
    expect(radiiOf(hundredths(0, 99))).toEqual(fives);
    expect(radiiOf(hundredths(1, 100))).toEqual([...fives.slice(1), 1]);
    expect(radiiOf(hundredths(1, 5000)).length).toBeLessThanOrEqual(20);
  });
});

describe('tableRadii', () => {
  it('takes multiples of 0.25 up to the last with something certified', () => {
    expect(tableRadii(usual)).toEqual([0, 0.25, 0.5, 0.75]);
    const { curve } = summaryAt({ n: 10_000, sigma: 1 });
    const early = curve.map((point) => ({ ...point, certified: point.radius > 1.3 ? 0 : point.certified }));
    expect(tableRadii({ mode: 'fixed', curve: early })).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]);
  });

  it.each([
    { n: 10_000, sigma: 0.12 },
    { n: 20, sigma: 0.25 },
    { n: 1000, sigma: 0.001 },
    { n: 10_000, sigma: 20 },
    { n: 10_000, sigma: 300 },
  ])('takes a finer or coarser step where that suits the radii: n = $n, σ = $sigma', ({ n, sigma }) => {
    const { curve } = summaryAt({ n, sigma });
    const radii = tableRadii({ mode: 'fixed', curve });
    expect(radii.length).toBeGreaterThanOrEqual(3);
    expect(radii.length).toBeLessThanOrEqual(20);
    const onCurve = curve.map((point) => point.radius);
    expect(radii.every((radius) => onCurve.includes(radius))).toBe(true);
  });

  it('shows rows, all zero, where nothing is certified', () => {
    const curve = usual.curve.map((point) => ({ ...point, certified: 0 }));
    expect(tableRadii({ mode: 'fixed', curve })).toEqual([0, 0.25, 0.5, 0.75]);
    expect(tableRadii({ mode: 'fixed', curve: curve.slice(0, 1) })).toEqual([0]);
  });
});
