import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../certification/records/certificate.ts';
import { claimDigest } from '../../certification/records/claim.ts';
import { summarySchema } from '../../certification/records/summary.ts';
import { summarize } from '../../certification/report/summarize.ts';
import {
  failedCertificate,
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
  skippedCertificate,
} from './sample-certificates.ts';

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

  it('says apart what the skipped example’s estimation would have cost', () => {
    expect(summary.skippedSamples).toBe(1000);
    expect(summaryOf(handMade.slice(0, 3)).skippedSamples).toBe(0);
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
    const filled = summary.lowerBoundHistogram?.filter((bin) => bin.examples > 0);
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

/** Six examples at the radii 0, 0.25 and 0.5: certified at all, two, the first alone (two) and none, and one skipped. */
const sequential: Certificate[] = [
  sequentialCertificate({ index: 0, label: 1, prediction: 1, certifiedRadii: [0, 0.25, 0.5], n: 96 }),
  sequentialCertificate({ index: 20, label: 0, prediction: 0, certifiedRadii: [0, 0.25], n: 1000 }),
  sequentialCertificate({ index: 40, label: 0, prediction: 0, certifiedRadii: [0], n: 96 }),
  sequentialCertificate({ index: 60, label: 0, prediction: 1, certifiedRadii: [0], n: 32 }),
  sequentialCertificate({ index: 80, label: 1, prediction: 1, certifiedRadii: [], n: 1000 }),
  skippedCertificate(sequentialCertificate({ index: 100, label: 1, prediction: 1, certifiedRadii: [], n: 32 })),
];

function sequentialCertificate({
  certifiedRadii,
  n,
  ...rest
}: Pick<Certificate, 'index' | 'label' | 'n'> & { prediction: number; certifiedRadii: number[] }): Certificate {
  const radius = certifiedRadii.at(-1);
  const row = certificate({ ...rest, radius: radius ?? 0, lowerBound: 0.5 });
  const abstained = { status: 'abstained', prediction: null, correct: false } as const;
  return {
    ...row,
    ...(radius === undefined && abstained),
    n,
    count: n,
    runnerUpCount: 0,
    certifiedRadii,
    decisions: [],
  };
}

function sequentialSummaryOf(certificates: readonly Certificate[]) {
  const claim = sampleSequentialClaim({ examples: certificates.length, n: 1000 });
  return summarize({ claim, claimDigest: claimDigest(claim), certificates });
}

describe('the summary of six known certificates of sequential mode', () => {
  const summary = sequentialSummaryOf(sequential);

  it('counts certified accuracy at the claim’s radii alone, at radius 0 too', () => {
    expect(summary).toMatchObject({ mode: 'sequential', certified: 4, abstained: 1, skipped: 1, failed: 0 });
    expect(summary.curve.map(({ radius, certified, accuracy }) => [radius, certified, accuracy])).toEqual([
      [0, 3, 3 / 6],
      [0.25, 2, 2 / 6],
      [0.5, 1, 1 / 6],
    ]);
  });

  it('bounds the share of robust examples as fixed mode does', () => {
    // Q = 1, as above; and with two of six wrong as improbable, one less at each radius by itself too.
    expect(summary.curve.map(({ lower, wholeCurveLower }) => [lower, wholeCurveLower])).toEqual([
      [2 / 6, 2 / 6],
      [1 / 6, 1 / 6],
      [0, 0],
    ]);
  });

  it('averages the largest certified radii, 0 where the certificate isn’t correct', () => {
    expect(summary.averageCertifiedRadius).toBe((0.5 + 0.25 + 0) / 6);
  });

  it('counts the samples taken, the most there could have been, and apart those of skipped estimations', () => {
    expect(summary.samples).toBe(6 * 100 + 96 + 1000 + 96 + 32 + 1000);
    expect(summary.mostSamples).toBe(6 * 1100);
    expect(summary.skippedSamples).toBe(1000);
  });

  it('says at which looks estimations ended, and has no histogram of bounds that are the radii’s alone', () => {
    expect(summary.lastLooks).toEqual([
      { look: 1, n: 32, examples: 1 },
      { look: 3, n: 96, examples: 2 },
      { look: 19, n: 1000, examples: 2 },
    ]);
    expect(summary).not.toHaveProperty('lowerBoundHistogram');
    expect(summarySchema.parse(summary)).toEqual(summary);
  });

  it('refuses an estimation that ends between two looks', () => {
    const rows = sequential.map((row) => (row.index === 20 ? { ...row, n: 97 } : row));
    expect(() => sequentialSummaryOf(rows)).toThrow('Example 20 has 97 samples of estimation, where no look is.');
  });
});

describe('summarize', () => {
  it('puts a lower bound of exactly 1 into the last bin, and every edge into the bin that begins there', () => {
    const edges = Array.from({ length: 21 }, (_, i) => i / 20);
    const rows = edges.map((lowerBound, i) =>
      certificate({ index: 20 * i, label: 0, prediction: 0, radius: 0.1, lowerBound }),
    );
    const counts = summaryOf(rows).lowerBoundHistogram?.map((bin) => bin.examples);
    expect(counts).toEqual([...Array.from({ length: 19 }, () => 1), 2]);
  });

  it('gives what its schema says, in its order', () => {
    expect(summarySchema.parse(summaryOf(handMade))).toEqual(summaryOf(handMade));
    for (const summary of [summaryOf(handMade), sequentialSummaryOf(sequential)]) {
      const fields = Object.keys(summarySchema.shape).filter((field) => field in summary);
      expect(Object.keys(summary)).toEqual(fields);
    }
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

  it.each([[[0.5]], [[0, 0.25, 0.5]], [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]]])(
    'counts at each radius of %j the examples whose decisions certify it, and every estimation’s last look',
    (radii) => {
      const claim = sampleSequentialClaim({ examples: 100, radii, n: 2000, skipMisclassified: true });
      const certificates = sampleSequentialCertificates(claim);
      const { curve, lastLooks, samples } = summarize({ claim, claimDigest: '', certificates });
      expect(curve.map((point) => point.radius)).toEqual(radii);
      for (const { radius, certified } of curve) {
        const holds = ({ correct, decisions = [] }: Certificate) =>
          correct && decisions.some((decision) => decision.radius === radius && decision.certified);
        expect(certified).toBe(certificates.filter(holds).length);
      }
      expect(curve[0].certified).toBeGreaterThan(0);
      const estimated = certificates.filter((row) => row.status !== 'skipped');
      expect(estimated.length).toBeLessThan(100);
      expect(lastLooks?.reduce((sum, { examples }) => sum + examples, 0)).toBe(estimated.length);
      expect(lastLooks?.reduce((sum, { n, examples }) => sum + n * examples, 0)).toBe(samples - 100 * 100);
    },
  );

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
