import type { Certificate } from '../records/certificate.ts';
import type { Claim, FixedSampling } from '../records/claim.ts';
import { plannedSamples } from '../records/plan.ts';
import type { Summary } from '../records/summary.ts';
import { certify } from '../smoothing/certify.ts';
import { curveSlack } from '../smoothing/curve-slack.ts';
import { exactCountBound } from '../smoothing/exact-count-bound.ts';
import { certifySampling } from './certify-sampling.ts';
import { checkRows } from './check-rows.ts';
import { lastLooks } from './last-looks.ts';
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
  const sampling = certifySampling(claim);
  const sequential = sampling.mode === 'sequential';
  checkRows(claim, certificates);
  const examples = certificates.length;
  const withStatus = (status: Certificate['status']) => certificates.filter((row) => row.status === status).length;
  const abstained = withStatus('abstained');
  const skipped = withStatus('skipped');
  const survivors = certificates.filter((row) => row.status !== 'failed');
  return {
    mode: sampling.mode,
    ...(claim.stub && { simulated: true }),
    claim: claimDigest,
    examples,
    certified: withStatus('certified'),
    abstained,
    skipped,
    failed: withStatus('failed'),
    samples: survivors.reduce((sum, row) => sum + sampling.n0 + row.n, 0),
    skippedSamples: skipped * sampling.n,
    ...(sequential && { mostSamples: plannedSamples(claim) }),
    cleanAccuracy: certificates.filter((row) => row.selected === row.label).length / examples,
    abstentionRate: abstained / examples,
    averageCertifiedRadius: averageCertifiedRadius(certificates),
    rho: sampling.rho,
    curve: certifiedAccuracyCurve(claim, certificates),
    ...(sequential
      ? { lastLooks: lastLooks(sampling, certificates) }
      : { lowerBoundHistogram: lowerBoundHistogram(certificates) }),
    perClass: perClass(certificates),
  };
}

/** ACR (Zhai et al., ICLR 2020): the mean radius, 0 where the certificate isn't correct; summed in the rows' order. */
function averageCertifiedRadius(rows: readonly Certificate[]): number {
  return rows.reduce((sum, row) => sum + (row.correct ? row.radius : 0), 0) / rows.length;
}

function certifiedAccuracyCurve(claim: Claim, certificates: readonly Certificate[]): Summary['curve'] {
  const sampling = certifySampling(claim);
  const { alpha, rho } = sampling;
  const radii = sampling.mode === 'sequential' ? sampling.radii : radiusGrid(greatestRadius(sampling, claim.noise));
  const examples = certificates.length;
  const slack = curveSlack({ examples, alpha, rho });
  const lower = new Map<number, number>();
  const lowerOf = (certified: number) => {
    const known = lower.get(certified);
    if (known !== undefined) return known;
    const bound = exactCountBound({ examples, certified, alpha, rho }) / examples;
    lower.set(certified, bound);
    return bound;
  };
  const correctRadii = certificates.filter((row) => row.correct).map((row) => row.radius);
  return radii.map((radius) => {
    const certified = correctRadii.filter((reached) => reached >= radius).length;
    return {
      radius,
      certified,
      accuracy: certified / examples,
      lower: lowerOf(certified),
      wholeCurveLower: Math.max(0, certified - slack) / examples,
    };
  });
}

/** The radius of an example whose every sample is of one class. */
function greatestRadius({ n, alpha, bound }: FixedSampling, { sigma, budget }: Claim['noise']): number {
  const best = certify({ count: n, runnerUpCount: 0, n, alpha, sigma, bound, margin: budget });
  return best.status === 'certified' ? best.radius : 0;
}

/** Over the examples with an estimation; the last bin holds 1 too. */
function lowerBoundHistogram(certificates: readonly Certificate[]) {
  const bins = Array.from({ length: HISTOGRAM_BINS }, (_, bin) => ({
    from: bin / HISTOGRAM_BINS,
    to: (bin + 1) / HISTOGRAM_BINS,
    examples: 0,
  }));
  for (const row of certificates) {
    if (row.n > 0) bins[bins.findLastIndex((bin) => bin.from <= row.lowerBound)].examples += 1;
  }
  return bins;
}

function perClass(certificates: readonly Certificate[]): Summary['perClass'] {
  const byLabel = new Map<number, Certificate[]>();
  for (const row of certificates) {
    const rows = byLabel.get(row.label);
    if (rows) rows.push(row);
    else byLabel.set(row.label, [row]);
  }
  return [...byLabel]
    .sort(([a], [b]) => a - b)
    .map(([label, rows]) => ({
      label,
      examples: rows.length,
      certified: rows.filter((row) => row.status === 'certified').length,
      correct: rows.filter((row) => row.correct).length,
      abstained: rows.filter((row) => row.status === 'abstained').length,
      averageCertifiedRadius: averageCertifiedRadius(rows),
    }));
}
