import { certify } from '../../certification/smoothing/certify.ts';
import type { Certificate, Prediction } from '../../certification/records/certificate.ts';
import type { Claim } from '../../certification/records/claim.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { sequentialDecisions } from '../../certification/smoothing/sequential-decisions.ts';
import {
  sequentialThresholds,
  type SequentialThresholds,
} from '../../certification/smoothing/sequential-thresholds.ts';

const sha256 = (digit: string) => digit.repeat(64);

/** A claim of CERTIFY on an 8-bit image set, as a plan would hold it. */
export function sampleClaim({
  examples,
  n = 10_000,
  sigma = 0.25,
  bound = 'runner-up',
}: {
  examples: number;
  n?: number;
  sigma?: number;
  bound?: 'runner-up' | 'clopper-pearson';
}): Claim {
  return {
    version: 1,
    code: sha256('c'),
    model: {
      sha256: sha256('a'),
      input: 'image',
      output: 'logits',
      layout: 'NCHW',
      shape: [1, 28, 28],
      classes: 10,
      normalisation: { mean: [0.286], std: [0.353] },
    },
    dataset: {
      sha256: sha256('d'),
      digestOf: 'files',
      layout: null,
      images: null,
      examples: 20 * examples,
      stride: 20,
      count: examples,
      indices: null,
    },
    sampling: { mode: 'fixed', n0: 100, n, alpha: 0.001, bound, skipMisclassified: false, rho: 0.001 },
    noise: {
      law: 'discretised-gaussian',
      generator: 'philox4x32-10',
      sigma,
      stepsPerUnit: 255,
      elementType: 'int16',
      budget: 1e-14,
    },
    arithmetic: {
      provider: 'cpu',
      runtime: 'onnxruntime-node 1.30.0',
      threads: 1,
      batchSize: 64,
      batchInvariant: true,
      probe: sha256('b'),
    },
    seed: 'sample',
  };
}

/** A claim of CERTIFY in sequential mode beside it. */
export function sampleSequentialClaim({
  examples,
  radii = [0, 0.25, 0.5],
  n = 10_000,
  sigma = 0.25,
  skipMisclassified = false,
}: {
  examples: number;
  radii?: number[];
  n?: number;
  sigma?: number;
  skipMisclassified?: boolean;
}): Claim {
  const sampling = { mode: 'sequential', radii, n0: 100, n, alpha: 0.001, skipMisclassified, rho: 0.001 } as const;
  return { ...sampleClaim({ examples, sigma }), sampling };
}

/** A claim of PREDICT beside it. */
export function samplePredictionClaim(examples: number): Claim {
  return { ...sampleClaim({ examples }), sampling: { mode: 'predict', n: 1000, alpha: 0.001 } };
}

/**
 * Certificates such as a noise-trained network gets: most examples have a top class of probability near 1, a tail
 * falls off to chance. Counts are drawn by a small generator of their own, so they are the same everywhere; radii and
 * bounds are CERTIFY's.
 */
export function sampleCertificates(claim: Claim): Certificate[] {
  if (claim.sampling.mode !== 'fixed') throw new TypeError('Certificates belong to a claim of mode "fixed".');
  const { n, alpha, bound } = claim.sampling;
  const { sigma, budget: margin } = claim.noise;
  return sampleExamples(claim).map(({ index, label, selected, hard, topProbability, rest }) => {
    const count = hard < 0.25 ? n : Math.round(n * topProbability);
    const runnerUpCount = Math.round((n - count) * rest);
    const decision = certify({ count, runnerUpCount, n, alpha, sigma, bound, margin });
    const certified = decision.status === 'certified';
    return {
      index,
      label,
      status: decision.status,
      prediction: certified ? selected : null,
      radius: certified ? decision.radius : 0,
      correct: certified && selected === label,
      selected,
      n,
      count,
      runnerUpCount,
      lowerBound: decision.lowerBound,
      oneMinusLowerBound: decision.oneMinusLowerBound,
    };
  });
}

/** Certificates of sequential mode on examples of the same kind; the samples are drawn one by one, the decisions real. */
export function sampleSequentialCertificates(claim: Claim): Certificate[] {
  if (claim.sampling.mode !== 'sequential') throw new TypeError('Certificates belong to a claim of mode "sequential".');
  const { radii, n, alpha, skipMisclassified } = claim.sampling;
  const { sigma, budget: margin } = claim.noise;
  const thresholds = sequentialThresholds({ radii, sigma, n, alpha, margin });
  const random = uniform(1729);
  return sampleExamples(claim).map(({ index, label, selected, hard, topProbability, rest }) => {
    const decisions = drawDecisions(thresholds, () => hard < 0.25 || random() < topProbability);
    const certifiedRadii = decisions.filter((decision) => decision.certified).map((decision) => decision.radius);
    const radius = certifiedRadii.at(-1);
    const certified = radius !== undefined;
    const last = decisions.reduce((latest, decision) => (decision.look > latest.look ? decision : latest));
    const row: Certificate = {
      index,
      label,
      status: certified ? 'certified' : 'abstained',
      prediction: certified ? selected : null,
      radius: radius ?? 0,
      correct: certified && selected === label,
      selected,
      n: last.n,
      count: last.count,
      runnerUpCount: Math.round((last.n - last.count) * rest),
      lowerBound: certified ? normalCdf(radius / sigma) : 0,
      oneMinusLowerBound: certified ? normalCdf(-radius / sigma) : 1,
      certifiedRadii,
      decisions,
    };
    return skipMisclassified && selected !== label ? { ...skippedCertificate(row), selected } : row;
  });
}

/** Draws until every radius is decided. */
function drawDecisions(thresholds: SequentialThresholds, drawn: () => boolean) {
  const counts: { look: number; count: number }[] = [];
  let samples = 0;
  let count = 0;
  for (const [at, look] of thresholds.looks.entries()) {
    for (; samples < look; samples += 1) if (drawn()) count += 1;
    counts.push({ look: at + 1, count });
    const decisions = sequentialDecisions(thresholds, counts);
    if (decisions.length === thresholds.radii.length) return decisions;
  }
  throw new Error('The last look decides every radius.');
}

/** What is behind the certificates: labels, guesses, and the probabilities that counts are drawn from. */
function sampleExamples(claim: Claim) {
  const random = uniform(2019);
  return Array.from({ length: claim.dataset.count }, (_, position) => {
    const label = Math.floor(random() * claim.model.classes);
    const hard = random();
    const topProbability = 1 - 0.75 * hard * hard * hard * hard;
    const rest = 0.3 + 0.7 * random();
    const wrong = random() < 0.02 + 0.25 * (1 - topProbability);
    const selected = wrong ? (label + 1) % claim.model.classes : label;
    return { index: position * claim.dataset.stride, label, selected, hard, topProbability, rest };
  });
}

/** A failed example's row: its model process died. */
export function failedCertificate(row: Certificate): Certificate {
  const nothing = { prediction: null, radius: 0, correct: false, selected: null, n: 0, count: 0, runnerUpCount: 0 };
  const undecided = row.decisions && { certifiedRadii: [], decisions: [] };
  const reason = 'the model process ended 3 times';
  return { ...row, ...nothing, ...undecided, status: 'failed', lowerBound: 0, oneMinusLowerBound: 1, reason };
}

/** The row of an example whose selection is not its label, where such are skipped. */
export function skippedCertificate(row: Certificate): Certificate {
  return { ...failedCertificate(row), status: 'skipped', selected: row.label + 1, reason: undefined };
}

/** PREDICT's answers on four examples: one right, one wrong, one abstained, one failed. */
export function samplePredictions(): Prediction[] {
  const counts = { n: 1000, count: 900, runnerUpCount: 60 };
  const close = { n: 1000, count: 400, runnerUpCount: 390 };
  const none = { n: 0, count: 0, runnerUpCount: 0 };
  return [
    { index: 0, label: 3, status: 'predicted', prediction: 3, correct: true, top: 3, ...counts, pValue: 1e-200 },
    { index: 20, label: 3, status: 'predicted', prediction: 4, correct: false, top: 4, ...counts, pValue: 1e-200 },
    { index: 40, label: 9, status: 'abstained', prediction: null, correct: false, top: 9, ...close, pValue: 0.75 },
    {
      index: 60,
      label: 0,
      status: 'failed',
      prediction: null,
      correct: false,
      top: null,
      ...none,
      pValue: 1,
      reason: 'x',
    },
  ];
}

/** Mulberry32: numbers in [0, 1), by 32-bit integer arithmetic alone. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
