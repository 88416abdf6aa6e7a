import type { Prediction } from '../records/certificate.ts';
import type { Claim } from '../records/claim.ts';
import type { PredictionSummary } from '../records/summary.ts';
import { checkRows } from './check-rows.ts';

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
  const { mode } = claim.sampling;
  if (mode !== 'predict') throw new RangeError(`Expected a claim of sampling mode "predict", found "${mode}".`);
  checkRows(claim, predictions);
  const examples = predictions.length;
  const withStatus = (status: Prediction['status']) => predictions.filter((row) => row.status === status).length;
  const abstained = withStatus('abstained');
  const survivors = predictions.filter((row) => row.status !== 'failed');
  return {
    mode: 'predict',
    ...(claim.stub && { simulated: true }),
    claim: claimDigest,
    examples,
    predicted: withStatus('predicted'),
    abstained,
    failed: withStatus('failed'),
    samples: survivors.reduce((sum, row) => sum + row.n, 0),
    accuracy: predictions.filter((row) => row.correct).length / examples,
    abstentionRate: abstained / examples,
  };
}
