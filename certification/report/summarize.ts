import { claimMarks } from '../claim-marks.ts';
import { claimThreat } from '../claim-threat.ts';
import { fromOwnNorm } from '../convert-norm.ts';
import type { Certificate } from '../records/certificate.ts';
import type { Claim, FixedSampling } from '../records/claim.ts';
import { plannedSamples } from '../records/plan.ts';
import type { Summary } from '../records/summary.ts';
import { certify } from '../smoothing/certify.ts';
import { accuracyCurve } from './accuracy-curve.ts';
import { certifySampling } from './certify-sampling.ts';
import { groupCounts } from './group-counts.ts';
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
  const groups = groupCounts();
  const { alpha, rho } = sampling;
  const radii = sampling.mode === 'sequential' ? sampling.radii : radiusGrid(greatestRadius(sampling, claim));
  const curve = accuracyCurve({ radii, alpha, rho });
  const looks = sampling.mode === 'sequential' ? lastLookCount(sampling) : undefined;
  const histogram = sampling.mode === 'sequential' ? undefined : lowerBoundHistogram();
  let samples = 0;
  let clean = 0;
  return {
    add: (row) => {
      order.add(row);
      groups.add(row);
      curve.add(row);
      looks?.add(row);
      histogram?.add(row);
      if (row.status !== 'failed') samples = samples + sampling.n0 + row.n;
      if (row.selected === row.label) clean += 1;
    },
    summary: () => {
      order.check();
      const { examples, certified, abstained, skipped, failed } = groups.all.counts;
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
        averageCertifiedRadius: groups.all.averageCertifiedRadius(),
        rho,
        curve: curve.points(examples),
        ...(looks && { lastLooks: looks.counts() }),
        ...(histogram && { lowerBoundHistogram: histogram.bins }),
        perClass: groups.perClass(),
      };
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
