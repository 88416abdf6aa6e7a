import { describe, expect, it } from 'vitest';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { summarize } from '../../certification/report/summarize.ts';
import { tableRadii } from '../../certification/report/table-radii.ts';
import { sampleCertificates, sampleClaim } from './sample-certificates.ts';

function summaryAt({ n, sigma, examples = 200 }: { n: number; sigma: number; examples?: number }) {
  const claim = sampleClaim({ examples, n, sigma });
  return summarize({ claim, claimDigest: '', certificates: sampleCertificates(claim) });
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

describe('tableRadii', () => {
  it('takes multiples of 0.25 up to the last with something certified', () => {
    expect(tableRadii(usual.curve)).toEqual([0, 0.25, 0.5, 0.75]);
    const { curve } = summaryAt({ n: 10_000, sigma: 1 });
    const early = curve.map((point) => ({ ...point, certified: point.radius > 1.3 ? 0 : point.certified }));
    expect(tableRadii(early)).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]);
  });

  it.each([
    { n: 10_000, sigma: 0.12 },
    { n: 20, sigma: 0.25 },
    { n: 1000, sigma: 0.001 },
    { n: 10_000, sigma: 20 },
    { n: 10_000, sigma: 300 },
  ])('takes a finer or coarser step where that suits the radii: n = $n, σ = $sigma', ({ n, sigma }) => {
    const { curve } = summaryAt({ n, sigma });
    const radii = tableRadii(curve);
    expect(radii.length).toBeGreaterThanOrEqual(3);
    expect(radii.length).toBeLessThanOrEqual(20);
    const onCurve = curve.map((point) => point.radius);
    expect(radii.every((radius) => onCurve.includes(radius))).toBe(true);
  });

  it('shows rows, all zero, where nothing is certified', () => {
    const curve = usual.curve.map((point) => ({ ...point, certified: 0 }));
    expect(tableRadii(curve)).toEqual([0, 0.25, 0.5, 0.75]);
    expect(tableRadii(curve.slice(0, 1))).toEqual([0]);
  });
});
