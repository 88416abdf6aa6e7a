import { readFileSync } from 'node:fs';
import { readCohen } from '../certification/exchange/read-cohen.ts';
import { COHEN_ABSTAIN } from '../certification/records/cohen-columns.ts';
import { abstainThreshold } from '../certification/smoothing/abstain-threshold.ts';
import { recoverCounts } from './recover-counts.ts';
import { spreadAbstained } from './spread-abstained.ts';

/** The level of Cohen, Rosenfeld & Kolter (arXiv 1902.02918, §4) and another: some of their logs are of the one, some of the other. */
const LOGGED_LEVELS = [0.001, 0.01];

/** An example whose samples are of the selected class with probability `p`. */
export interface PeerExample {
  readonly p: number;
  /** Whether the log abstains on it; `p` is assumed then. */
  readonly abstained: boolean;
  /** Whether the log certifies it for its label. */
  readonly correct: boolean;
}

/**
 * The examples of a published log, with the probabilities recovered from its radii.
 *
 * @returns the examples in order, and the alpha of the log
 * @throws PerimeterError `InvalidRequest` where the file is no log
 * @throws Error where the radii are those of no known level
 */
export function peerExamples({ path, sigma, n }: { path: string; sigma: number; n: number }): {
  alpha: number;
  examples: PeerExample[];
} {
  const { labels, predictions, radii: printed } = readCohen(readFileSync(path), path);
  const radii = [...printed].filter((_, at) => predictions[at] !== COHEN_ABSTAIN);
  const recovered = recoverCounts({ radii, sigma, n, levels: LOGGED_LEVELS });
  if (recovered === undefined) {
    throw new Error(`${path} has radii that no count of ${n} samples has at alpha ${LOGGED_LEVELS.join(' or ')}.`);
  }
  const { alpha, counts } = recovered;
  const known = counts.map((count) => count / n);
  const assumed = spreadAbstained({
    count: printed.length - known.length,
    known,
    threshold: abstainThreshold({ n, alpha, margin: 0 }) / n,
  });
  let [nextKnown, nextAssumed] = [0, 0];
  const examples = Array.from(predictions, (prediction, at): PeerExample => {
    if (prediction === COHEN_ABSTAIN) return { p: assumed[nextAssumed++], abstained: true, correct: false };
    return { p: known[nextKnown++], abstained: false, correct: prediction === labels[at] };
  });
  return { alpha, examples };
}
