import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../certification/records/certificate.ts';
import { predictionSummarySchema } from '../../certification/records/summary.ts';
import { summarizePredictions } from '../../certification/report/summarize-predictions.ts';
import { sampleClaim, samplePredictions, samplePredictionClaim } from './sample-certificates.ts';

describe('summarizePredictions', () => {
  const claim = samplePredictionClaim(4);
  const predictions = samplePredictions();

  it('counts the known answers, and every share is of all examples', () => {
    const summary = summarizePredictions({ claim, claimDigest: 'd', predictions });
    expect(predictionSummarySchema.parse(summary)).toEqual({
      mode: 'predict',
      claim: 'd',
      examples: 4,
      predicted: 2,
      abstained: 1,
      failed: 1,
      samples: 3000,
      accuracy: 1 / 4,
      abstentionRate: 1 / 4,
    });
  });

  it('refuses missing rows, rows out of order and claims of another mode', () => {
    const summarizeRows = (rows: Prediction[]) => summarizePredictions({ claim, claimDigest: 'd', predictions: rows });
    expect(() => summarizeRows(predictions.slice(1))).toThrow('4 examples, but there are 3 rows');
    expect(() => summarizeRows(predictions.toReversed())).toThrow('Row 0 is of example 60');
    const fixed = sampleClaim({ examples: 4 });
    expect(() => summarizePredictions({ claim: fixed, claimDigest: 'd', predictions })).toThrow('found "fixed"');
  });
});
