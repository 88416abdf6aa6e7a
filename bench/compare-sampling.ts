import { certify } from '../certification/smoothing/certify.ts';
import { leastInteger } from '../certification/smoothing/least-integer.ts';
import { sequentialThresholds } from '../certification/smoothing/sequential-thresholds.ts';
import { binomialLaw } from './binomial-law.ts';
import { decisionLaw, type DecisionLaw } from './decision-law.ts';
import type { PeerExample } from './peer-examples.ts';

const NEGLIGIBLE = 1e-13;

/** What fixed and sequential mode are expected to do with the same examples. */
export interface SamplingComparison {
  /** Those of the radii that can be certified at all. */
  readonly radii: readonly number[];
  /** Certified accuracy at each radius, as shares of all examples. */
  readonly fixed: readonly number[];
  readonly sequential: readonly number[];
  /** Mean samples an example in sequential mode, those of the selection included. */
  readonly samples: number;
  /** The same where misclassified examples have no estimation. The abstained ones have theirs. */
  readonly samplesSkipping: number;
  /** The same as `samples` if every abstained example had p = ½. */
  readonly samplesAtHalf: number;
}

/**
 * Compares fixed mode (n samples, Clopper & Pearson's bound) with sequential mode (n samples at most) at the same alpha. Exact
 * expectations, not a simulation with chance in it.
 *
 * @param radii ascending
 */
export function compareSampling({
  examples,
  radii,
  sigma,
  n0,
  n,
  alpha,
}: {
  examples: readonly PeerExample[];
  radii: readonly number[];
  sigma: number;
  n0: number;
  n: number;
  alpha: number;
}): SamplingComparison {
  const thresholds = sequentialThresholds({ radii, sigma, n, alpha, margin: 0 });
  const fixedThresholds = radii.map((radius) => fixedThreshold({ radius, sigma, n, alpha }));
  const laws = new Map<number, DecisionLaw>();
  const lawAt = (p: number) => {
    const law = laws.get(p) ?? decisionLaw({ thresholds, p, negligible: NEGLIGIBLE });
    laws.set(p, law);
    return law;
  };
  const shareOf = (certified: (p: number, at: number) => number) =>
    radii.map((_, at) => mean(examples.map(({ p, correct }) => (correct ? certified(p, at) : 0))));
  const meanSamples = (estimation: (example: PeerExample) => number) => n0 + mean(examples.map(estimation));
  return {
    radii,
    fixed: shareOf((p, at) => upperTail({ k: fixedThresholds[at], n, p })),
    sequential: shareOf((p, at) => lawAt(p).certified[at]),
    samples: meanSamples(({ p }) => lawAt(p).meanSamples),
    samplesSkipping: meanSamples(({ p, abstained, correct }) => (abstained || correct ? lawAt(p).meanSamples : 0)),
    samplesAtHalf: meanSamples(({ p, abstained }) => lawAt(abstained ? 0.5 : p).meanSamples),
  };
}

/** The least count that fixed mode certifies the radius with; n + 1 where none is enough. */
export function fixedThreshold({
  radius,
  sigma,
  n,
  alpha,
}: {
  radius: number;
  sigma: number;
  n: number;
  alpha: number;
}): number {
  return leastInteger({
    from: 0,
    to: n + 1,
    holds: (count) => {
      if (count > n) return true;
      const decision = certify({ count, runnerUpCount: 0, n, alpha, sigma, bound: 'clopper-pearson', margin: 0 });
      return decision.status === 'certified' && decision.radius >= radius;
    },
  });
}

function upperTail({ k, n, p }: { k: number; n: number; p: number }): number {
  const { from, mass } = binomialLaw({ n, p, negligible: NEGLIGIBLE });
  return mass.subarray(Math.max(0, k - from)).reduce((sum, value) => sum + value, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
