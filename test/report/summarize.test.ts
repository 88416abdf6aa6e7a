import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../certification/records/certificate.ts';
import { claimDigest } from '../../certification/records/claim.ts';
import { summarySchema } from '../../certification/records/summary.ts';
import { summarize } from '../../certification/report/summarize.ts';
import { failedCertificate, sampleCertificates, sampleClaim, skippedCertificate } from './sample-certificates.ts';

/** Six examples of two classes: two right, one wrong, one abstained, one skipped, one failed. */
const handMade: Certificate[] = [
  certificate({ index: 0, label: 1, prediction: 1, radius: 0.5, lowerBound: 0.97 }),
  certificate({ index: 20, label: 0, prediction: 0, radius: 0.26, lowerBound: 0.85 }),
  certificate({ index: 40, label: 0, prediction: 1, radius: 0.7, lowerBound: 0.99 }),
  {
    ...certificate({ index: 60, label: 1, prediction: 1, radius: 0, lowerBound: 0.45 }),
    status: 'abstained',
    prediction: null,
    correct: false,
  },
  skippedCertificate(certificate({ index: 80, label: 0, prediction: 0, radius: 0.1, lowerBound: 0.6 })),
  failedCertificate(certificate({ index: 100, label: 1, prediction: 1, radius: 0.1, lowerBound: 0.6 })),
];

function certificate({
  index,
  label,
  prediction,
  radius,
  lowerBound,
}: Pick<Certificate, 'index' | 'label' | 'radius' | 'lowerBound'> & { prediction: number }): Certificate {
  const count = Math.floor(1000 * lowerBound);
  const counts = { n: 1000, count, runnerUpCount: 1000 - count, lowerBound, oneMinusLowerBound: 1 - lowerBound };
  const correct = prediction === label;
  return { index, label, status: 'certified', prediction, radius, correct, selected: prediction, ...counts };
}

function summaryOf(certificates: readonly Certificate[]) {
  const claim = sampleClaim({ examples: certificates.length, n: 1000 });
  return summarize({ claim, claimDigest: claimDigest(claim), certificates });
}

describe('the summary of six known certificates', () => {
  const summary = summaryOf(handMade);

  it('counts each status, and every share is of all six', () => {
    expect(summary).toMatchObject({ examples: 6, certified: 3, abstained: 1, skipped: 1, failed: 1 });
    expect(summary.cleanAccuracy).toBe(3 / 6);
    expect(summary.abstentionRate).toBe(1 / 6);
    expect(summary.averageCertifiedRadius).toBe((0.5 + 0.26) / 6);
  });

  it('counts the samples of the selection and the estimation, and none for the failed example', () => {
    const [, , , , skipped, failed] = handMade.map((row) => ({ ...row, index: 20 }));
    expect(summary.samples).toBe(5 * 100 + 4 * 1000);
    expect(summaryOf([handMade[0], skipped]).samples).toBe(2 * 100 + 1000);
    expect(summaryOf([handMade[0], failed]).samples).toBe(100 + 1000);
  });

  it('counts at each radius the examples that are correct with at least that radius', () => {
    const certifiedAt = (radius: number) => summary.curve.find((point) => point.radius === radius)?.certified;
    expect([0, 0.26, 0.27, 0.5, 0.51].map(certifiedAt)).toEqual([2, 2, 1, 1, 0]);
  });

  it('bounds the share of robust examples from below', () => {
    // One of six certificates wrong: 6 · 0.001 > rho; two: 15 · 0.001² < rho. So Q = 1, and Y − 1 at every radius.
    expect(summary.curve[0]).toEqual({
      radius: 0,
      certified: 2,
      accuracy: 2 / 6,
      lower: 1 / 6,
      wholeCurveLower: 1 / 6,
    });
    expect(summary.curve.at(-1)).toMatchObject({ certified: 0, accuracy: 0, lower: 0, wholeCurveLower: 0 });
  });

  it('goes up to the first radius that no certificate at this n can exceed', () => {
    // −σ Φ⁻¹(1 − (0.9 α)^(1/n)) = 0.6139… at σ = 0.25, n = 1000, α = 0.001.
    expect(summary.curve.at(-1)?.radius).toBe(0.62);
    expect(summary.curve).toHaveLength(63);
  });

  it('sorts lower bounds into twenty bins, of examples with an estimation alone', () => {
    const filled = summary.lowerBoundHistogram.filter((bin) => bin.examples > 0);
    expect(summary.lowerBoundHistogram).toHaveLength(20);
    expect(filled).toEqual([
      { from: 0.45, to: 0.5, examples: 1 },
      { from: 0.85, to: 0.9, examples: 1 },
      { from: 0.95, to: 1, examples: 2 },
    ]);
  });

  it('tells the classes apart, by ascending label', () => {
    expect(summary.perClass).toEqual([
      { label: 0, examples: 3, certified: 2, correct: 1, abstained: 0, averageCertifiedRadius: 0.26 / 3 },
      { label: 1, examples: 3, certified: 1, correct: 1, abstained: 1, averageCertifiedRadius: 0.5 / 3 },
    ]);
  });
});

describe('summarize', () => {
  it('puts a lower bound of exactly 1 into the last bin, and every edge into the bin that begins there', () => {
    const edges = Array.from({ length: 21 }, (_, i) => i / 20);
    const rows = edges.map((lowerBound, i) =>
      certificate({ index: 20 * i, label: 0, prediction: 0, radius: 0.1, lowerBound }),
    );
    const counts = summaryOf(rows).lowerBoundHistogram.map((bin) => bin.examples);
    expect(counts).toEqual([...Array.from({ length: 19 }, () => 1), 2]);
  });

  it('gives what its schema says', () => {
    expect(summarySchema.parse(summaryOf(handMade))).toEqual(summaryOf(handMade));
  });

  it('refuses missing rows, rows out of order and claims of another mode', () => {
    const claim = sampleClaim({ examples: 6 });
    const digest = claimDigest(claim);
    const summarizeRows = (certificates: Certificate[]) => summarize({ claim, claimDigest: digest, certificates });
    expect(() => summarizeRows(handMade.slice(1))).toThrow('The claim has 6 examples, but there are 5 rows.');
    expect(() => summarizeRows(handMade.toReversed())).toThrow(
      'Row 0 is of example 100; the claim has example 0 there.',
    );
    const predict = { ...claim, sampling: { mode: 'predict', n: 100, alpha: 0.001 } } as const;
    expect(() => summarize({ claim: predict, claimDigest: digest, certificates: handMade })).toThrow('"predict"');
  });

  it('never lets accuracy rise with the radius, nor a bound above it, nor the bound for all radii above that for one', () => {
    const claim = sampleClaim({ examples: 300, n: 1000 });
    const rows = sampleCertificates(claim);
    fc.assert(
      fc.property(
        fc.array(fc.nat(rows.length - 1), { minLength: 1, maxLength: 80 }),
        fc.constantFrom(1e-6, 0.001, 0.05, 0.3),
        fc.constantFrom(1e-6, 0.001, 0.05, 0.3),
        (picks, alpha, rho) => {
          const few = sampleClaim({ examples: picks.length, n: 1000 });
          const picked = picks.map((pick, at) => ({ ...rows[pick], index: 20 * at }));
          const varied = { ...few, sampling: { ...few.sampling, alpha, rho } as typeof few.sampling };
          const { curve } = summarize({ claim: varied, claimDigest: '', certificates: picked });
          curve.forEach((point, at) => {
            if (at > 0) {
              expect(point.certified).toBeLessThanOrEqual(curve[at - 1].certified);
              expect(point.lower).toBeLessThanOrEqual(curve[at - 1].lower);
            }
            expect(point.lower).toBeLessThanOrEqual(point.accuracy);
            expect(point.wholeCurveLower).toBeLessThanOrEqual(point.lower);
            expect(point.wholeCurveLower).toBeGreaterThanOrEqual(0);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reaches the end of its curve with no certificate beyond it, under either bound', () => {
    for (const bound of ['runner-up', 'clopper-pearson'] as const) {
      const claim = sampleClaim({ examples: 200, n: 1000, bound });
      const certificates = sampleCertificates(claim);
      const { curve } = summarize({ claim, claimDigest: '', certificates });
      const greatest = Math.max(...certificates.map((row) => row.radius));
      expect(curve.at(-1)?.radius).toBeGreaterThanOrEqual(greatest);
      expect(curve.at(-2)?.radius).toBeLessThan(greatest);
    }
  });
});
