import { claimMarks } from '../claim-marks.ts';
import { claimThreat } from '../claim-threat.ts';
import { fromOwnNorm } from '../convert-norm.ts';
import type { Certificate } from '../records/certificate.ts';
import type { Claim, FixedSampling, SequentialSampling } from '../records/claim.ts';
import { plannedSamples } from '../records/plan.ts';
import type { Summary } from '../records/summary.ts';
import { certify } from '../smoothing/certify.ts';
import { curveSlack } from '../smoothing/curve-slack.ts';
import { exactCountBound } from '../smoothing/exact-count-bound.ts';
import { certifySampling } from './certify-sampling.ts';
import { rowCheck } from './row-check.ts';
import { lastLookCount } from './last-look-count.ts';
import { radiusGrid } from './radius-grid.ts';

const HISTOGRAM_BINS = 20;

/**
 * What the certificates of a run of CERTIFY come to, as a function of claim and certificates alone. Every share is of
 * all examples: abstained, skipped and failed ones count as not certified.
 *
 * @param claim of sampling mode "fixed" or "sequential".
 * @param claimDigest the claim's digest.
 * @param certificates one for each example of the claim, in the claim's order.
 * @throws RangeError for a claim of another mode, where certificates are missing or out of order, and where one of a
 * sequential claim ends between two looks.
 */
export function summarize({
  claim,
  claimDigest,
  certificates,
}: {
  claim: Claim;
  claimDigest: string;
  certificates: readonly Certificate[];
}): Summary {
  const { add, summary } = certificateSummary({ claim, claimDigest });
  certificates.forEach(add);
  return summary();
}

/** `summarize` of certificates that come one after another, none of which is kept. */
export function certificateSummary({ claim, claimDigest }: { claim: Claim; claimDigest: string }): {
  add: (row: Certificate) => void;
  summary: () => Summary;
} {
  const sampling = certifySampling(claim);
  const order = rowCheck(claim);
  const all = groupCount();
  const byLabel = new Map<number, GroupCount>();
  const curve = certifiedAccuracyCurve(claim, sampling);
  const looks = sampling.mode === 'sequential' ? lastLookCount(sampling) : undefined;
  const histogram = sampling.mode === 'sequential' ? undefined : lowerBoundHistogram();
  let samples = 0;
  let clean = 0;
  return {
    add: (row) => {
      order.add(row);
      all.add(row);
      let own = byLabel.get(row.label);
      if (own === undefined) byLabel.set(row.label, (own = groupCount()));
      own.add(row);
      curve.add(row);
      looks?.add(row);
      histogram?.add(row);
      if (row.status !== 'failed') samples = samples + sampling.n0 + row.n;
      if (row.selected === row.label) clean += 1;
    },
    summary: () => {
      order.check();
      const { examples, certified, abstained, skipped, failed } = all.counts;
      return {
        mode: sampling.mode,
        ...(claim.stub && { simulated: true }),
        ...claimMarks(claim),
        claim: claimDigest,
        examples,
        certified,
        abstained,
        skipped,
        failed,
        samples,
        skippedSamples: skipped * sampling.n,
        ...(looks && { mostSamples: plannedSamples(claim) }),
        cleanAccuracy: clean / examples,
        abstentionRate: abstained / examples,
        averageCertifiedRadius: all.averageCertifiedRadius(),
        rho: sampling.rho,
        curve: curve.points(examples),
        ...(looks && { lastLooks: looks.counts() }),
        ...(histogram && { lowerBoundHistogram: histogram.bins }),
        perClass: [...byLabel].sort(([a], [b]) => a - b).map(([label, group]) => perClass(label, group)),
      };
    },
  };
}

type GroupCount = ReturnType<typeof groupCount>;

/** Counts of some examples, and their mean radius. */
function groupCount() {
  const counts = { examples: 0, certified: 0, abstained: 0, skipped: 0, failed: 0, correct: 0 };
  let sum = 0;
  return {
    counts,
    add: (row: Certificate) => {
      counts.examples += 1;
      counts[row.status] += 1;
      if (row.correct) counts.correct += 1;
      sum += row.correct ? row.radius : 0;
    },
    /** ACR (Zhai et al., ICLR 2020): the mean radius, 0 where the certificate isn't correct; summed in the rows' order. */
    averageCertifiedRadius: () => sum / counts.examples,
  };
}

function perClass(label: number, { counts, averageCertifiedRadius }: GroupCount): Summary['perClass'][number] {
  const { examples, certified, correct, abstained } = counts;
  return { label, examples, certified, correct, abstained, averageCertifiedRadius: averageCertifiedRadius() };
}

/** Certified accuracy, counted at each radius of the curve: they follow from the claim alone. */
function certifiedAccuracyCurve(claim: Claim, sampling: FixedSampling | SequentialSampling) {
  const { alpha, rho } = sampling;
  const radii = sampling.mode === 'sequential' ? sampling.radii : radiusGrid(greatestRadius(sampling, claim));
  const reached = radii.map(() => 0);
  return {
    add: ({ correct, radius: own }: Certificate) => {
      if (!correct) return;
      radii.forEach((radius, at) => {
        if (own >= radius) reached[at] += 1;
      });
    },
    points: (examples: number): Summary['curve'] => {
      const slack = curveSlack({ examples, alpha, rho });
      const lower = new Map<number, number>();
      const lowerOf = (certified: number) => {
        const known = lower.get(certified);
        if (known !== undefined) return known;
        const bound = exactCountBound({ examples, certified, alpha, rho }) / examples;
        lower.set(certified, bound);
        return bound;
      };
      return radii.map((radius, at) => ({
        radius,
        certified: reached[at],
        accuracy: reached[at] / examples,
        lower: lowerOf(reached[at]),
        wholeCurveLower: Math.max(0, reached[at] - slack) / examples,
      }));
    },
  };
}

/** The radius of an example whose every sample is of one class. */
function greatestRadius({ n, alpha, bound }: FixedSampling, claim: Claim): number {
  const { sigma, lambda, budget } = claim.noise;
  const best = certify({ count: n, runnerUpCount: 0, n, alpha, sigma, lambda, bound, margin: budget });
  return best.status === 'certified' ? fromOwnNorm(best.radius, claimThreat(claim)) : 0;
}

/** Over the examples with an estimation; the last bin holds 1 too. */
function lowerBoundHistogram() {
  const bins = Array.from({ length: HISTOGRAM_BINS }, (_, bin) => ({
    from: bin / HISTOGRAM_BINS,
    to: (bin + 1) / HISTOGRAM_BINS,
    examples: 0,
  }));
  return {
    bins,
    add: (row: Certificate) => {
      if (row.n > 0) bins[bins.findLastIndex((bin) => bin.from <= row.lowerBound)].examples += 1;
    },
  };
}
