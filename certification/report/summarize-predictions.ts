import { claimMarks } from '../claim-marks.ts';
import type { Prediction } from '../records/certificate.ts';
import type { Claim } from '../records/claim.ts';
import type { PredictionSummary } from '../records/summary.ts';
import { rowCheck } from './row-check.ts';

/**
 * What the answers of a run of PREDICT come to. Every share is of all examples: abstained and failed ones count as not
 * predicted.
 *
 * @param claim of sampling mode "predict".
 * @param claimDigest the claim's digest.
 * @param predictions one for each example of the claim, in the claim's order.
 * @throws RangeError for a claim of another mode, and where predictions are missing or out of order.
 */
export function summarizePredictions({
  claim,
  claimDigest,
  predictions,
}: {
  claim: Claim;
  claimDigest: string;
  predictions: readonly Prediction[];
}): PredictionSummary {
  const { add, summary } = predictionSummary({ claim, claimDigest });
  predictions.forEach(add);
  return summary();
}

/** `summarizePredictions` of predictions that come one after another, none of which is kept. */
export function predictionSummary({ claim, claimDigest }: { claim: Claim; claimDigest: string }): {
  add: (row: Prediction) => void;
  summary: () => PredictionSummary;
} {
  const { mode } = claim.sampling;
  if (mode !== 'predict') throw new RangeError(`Expected a claim of sampling mode "predict", found "${mode}".`);
  const order = rowCheck(claim);
  const counts = { examples: 0, predicted: 0, abstained: 0, failed: 0, samples: 0, correct: 0 };
  return {
    add: (row) => {
      order.add(row);
      counts.examples += 1;
      counts[row.status] += 1;
      if (row.status !== 'failed') counts.samples += row.n;
      if (row.correct) counts.correct += 1;
    },
    summary: () => {
      order.check();
      const { examples, predicted, abstained, failed, samples, correct } = counts;
      return {
        mode,
        ...(claim.stub && { simulated: true }),
        ...claimMarks(claim),
        claim: claimDigest,
        examples,
        predicted,
        abstained,
        failed,
        samples,
        accuracy: correct / examples,
        abstentionRate: abstained / examples,
      };
    },
  };
}
