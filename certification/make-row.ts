import type { LatticeExample } from './lattice-example.ts';
import type { Certificate, Prediction } from './records/certificate.ts';
import type { Claim } from './records/claim.ts';
import { certify } from './smoothing/certify.ts';
import { nextDown } from './smoothing/next-double.ts';
import { predict } from './smoothing/predict.ts';

type Identity = Pick<LatticeExample, 'index' | 'label'>;
type FixedSampling = Extract<Claim['sampling'], { mode: 'fixed' }>;
type PredictSampling = Extract<Claim['sampling'], { mode: 'predict' }>;

const noEstimation = { prediction: null, radius: 0, correct: false } as const;
const noCounts = { n: 0, count: 0, runnerUpCount: 0, lowerBound: 0, oneMinusLowerBound: 1 } as const;

/**
 * CERTIFY's row for an example whose estimation is done (Cohen et al. 2019, §3.2.2).
 *
 * @param counts how many of `sampling.n` samples were of the selected class, and the largest count of any other class
 * (NaN counts as a class of its own).
 */
export function certificate({
  example,
  sampling,
  noise,
  selected,
  counts,
}: {
  example: Pick<LatticeExample, 'index' | 'label' | 'moved'>;
  sampling: FixedSampling;
  noise: Claim['noise'];
  selected: number;
  counts: { count: number; runnerUpCount: number };
}): Certificate {
  const { n, alpha, bound } = sampling;
  const decision = certify({ ...counts, n, alpha, bound, sigma: noise.sigma, margin: noise.budget });
  const certifiedRadius = decision.status === 'certified' ? radiusAround(decision.radius, example.moved) : 0;
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

/** The radius about the example itself, where the certificate is of a lattice point `moved` away; rounded down. */
function radiusAround(radius: number, moved: number): number {
  if (moved === 0) return radius;
  return radius > moved ? nextDown(radius - moved) : 0;
}

/** The row of an example whose selection was wrong, so that no estimation could make it count as certified. */
export function skippedCertificate({ index, label }: Identity, selected: number): Certificate {
  return { index, label, status: 'skipped', ...noEstimation, selected, ...noCounts };
}

/** The row of an example that could not be certified: it counts as not certified, and says why. */
export function failedCertificate({ index, label }: Identity, reason: string): Certificate {
  return { index, label, status: 'failed', ...noEstimation, selected: null, ...noCounts, reason };
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
