import { claimThreat } from './claim-threat.ts';
import { fromOwnNorm, toOwnNorm } from './convert-norm.ts';
import type { LatticeExample } from './lattice-example.ts';
import type { Certificate, Prediction } from './records/certificate.ts';
import { lookTable } from './look-table.ts';
import type { Claim, FixedSampling, PredictSampling, SequentialSampling } from './records/claim.ts';
import { certify } from './smoothing/certify.ts';
import { nextDown } from './smoothing/next-double.ts';
import { nullProbability } from './smoothing/null-probability.ts';
import { predict } from './smoothing/predict.ts';
import { roundDown, roundUp } from './smoothing/round-outward.ts';
import { sequentialDecisions, type LookCount } from './smoothing/sequential-decisions.ts';

type CertifyMode = (FixedSampling | SequentialSampling)['mode'];
/** What of a claim says how large a radius is. */
type CertifiedClaim = Pick<Claim, 'norm' | 'noise' | 'model'>;
type Identity = Pick<LatticeExample, 'index' | 'label'>;

const noEstimation = { prediction: null, radius: 0, correct: false } as const;
const noCounts = { n: 0, count: 0, runnerUpCount: 0, lowerBound: 0, oneMinusLowerBound: 1 } as const;

/**
 * CERTIFY's row for an example whose estimation is done (Cohen et al. 2019, §3.2.2).
 *
 * @param counts how many of `sampling.n` samples were of the selected class, and the largest count of any other class
 * (NaN counts as a class of its own).
 */
export function certificate({
  claim,
  sampling,
  example,
  selected,
  counts,
}: {
  claim: CertifiedClaim;
  sampling: FixedSampling;
  example: Pick<LatticeExample, 'index' | 'label' | 'moved'>;
  selected: number;
  counts: { count: number; runnerUpCount: number };
}): Certificate {
  const { n, alpha, bound } = sampling;
  const { sigma, lambda, budget } = claim.noise;
  const decision = certify({ ...counts, n, alpha, bound, sigma, lambda, margin: budget });
  const ownRadius = decision.status === 'certified' ? radiusAround(decision.radius, example.moved) : 0;
  const certifiedRadius = fromOwnNorm(ownRadius, claimThreat(claim));
  const certified = certifiedRadius > 0;
  return {
    index: example.index,
    label: example.label,
    status: certified ? 'certified' : 'abstained',
    prediction: certified ? selected : null,
    radius: certifiedRadius,
    correct: certified && selected === example.label,
    selected,
    n,
    count: counts.count,
    runnerUpCount: counts.runnerUpCount,
    lowerBound: decision.lowerBound,
    oneMinusLowerBound: decision.oneMinusLowerBound,
  };
}

/** The radius about the example itself, where the certificate is of a lattice point `moved` away, both in one norm; rounded down. */
function radiusAround(radius: number, moved: number): number {
  if (moved === 0) return radius;
  return radius > moved ? nextDown(radius - moved) : 0;
}

/**
 * The row of an example in sequential mode: the claim's radii that its looks certify (smoothing/sequential-thresholds.ts).
 *
 * @param looks the selected class's counts, at least at each look that decided a radius, up to the last look taken.
 * @param runnerUpCount the largest count of any other class at that look.
 */
export function sequentialCertificate({
  claim,
  sampling,
  example,
  selected,
  looks,
  runnerUpCount,
}: {
  claim: CertifiedClaim;
  sampling: SequentialSampling;
  example: Pick<LatticeExample, 'index' | 'label' | 'moved'>;
  selected: number;
  looks: readonly LookCount[];
  runnerUpCount: number;
}): Certificate {
  const { index, label, moved } = example;
  const table = lookTable(claim, sampling, moved);
  const decisions = sequentialDecisions(table, looks);
  const certifiedRadii = decisions.filter((decision) => decision.certified).map(({ radius }) => radius);
  const certified = certifiedRadii.length > 0;
  const radius = certifiedRadii.at(-1) ?? 0;
  const last = looks[looks.length - 1];
  return {
    index,
    label,
    status: certified ? 'certified' : 'abstained',
    prediction: certified ? selected : null,
    radius,
    correct: certified && selected === label,
    selected,
    n: table.looks[last.look - 1],
    count: last.count,
    runnerUpCount,
    ...(certified ? provenBound(radius, claim) : { lowerBound: 0, oneMinusLowerBound: 1 }),
    certifiedRadii,
    decisions,
  };
}

/** What a certificate of `radius` proves of the selected class's probability: more than Φ(radius/sigma), or ½ + radius/2λ. */
function provenBound(radius: number, claim: CertifiedClaim) {
  const { sigma, lambda } = claim.noise;
  const proven = nullProbability({ radius: toOwnNorm(radius, claimThreat(claim)), sigma, lambda, margin: 0 });
  if (proven === undefined) throw new Error(`No count certifies the radius ${radius}.`);
  return { lowerBound: roundDown(proven.p), oneMinusLowerBound: roundUp(proven.q) };
}

/** The row of an example whose selection was wrong, so that no estimation could make it count as certified. */
export function skippedCertificate({
  example: { index, label },
  mode,
  selected,
}: {
  example: Identity;
  mode: CertifyMode;
  selected: number;
}): Certificate {
  return { index, label, status: 'skipped', ...noEstimation, selected, ...noCounts, ...noDecisions(mode) };
}

/** The row of an example that could not be certified: it counts as not certified, and says why. */
export function failedCertificate({
  example: { index, label },
  mode,
  reason,
}: {
  example: Identity;
  mode: CertifyMode;
  reason: string;
}): Certificate {
  return { index, label, status: 'failed', ...noEstimation, selected: null, ...noCounts, ...noDecisions(mode), reason };
}

function noDecisions(mode: CertifyMode): Pick<Certificate, 'certifiedRadii' | 'decisions'> {
  return mode === 'sequential' ? { certifiedRadii: [], decisions: [] } : {};
}

/** PREDICT's row (Cohen et al. 2019, §3.2.1). */
export function prediction({
  example: { index, label },
  sampling: { n, alpha },
  noise,
  counts: { top, count, runnerUpCount },
}: {
  example: Identity;
  sampling: PredictSampling;
  noise: Claim['noise'];
  counts: { top: number; count: number; runnerUpCount: number };
}): Prediction {
  // The noise budget bounds one sample's distance from its law, and distances of independent samples add. Where NaN
  // outnumbers every class there is no top class to test.
  const { status, pValue } =
    runnerUpCount > count
      ? { status: 'abstained' as const, pValue: 1 }
      : predict({ topCount: count, runnerUpCount, alpha, margin: n * noise.budget });
  const predicted = status === 'predicted' ? top : null;
  return {
    index,
    label,
    status,
    prediction: predicted,
    correct: predicted === label,
    n,
    top,
    count,
    runnerUpCount,
    pValue,
  };
}

/** The row of an example that could not be predicted. */
export function failedPrediction({ index, label }: Identity, reason: string): Prediction {
  const nothing = { prediction: null, correct: false, n: 0, top: null, count: 0, runnerUpCount: 0, pValue: 1 };
  return { index, label, status: 'failed', ...nothing, reason };
}
