import { z } from 'zod';

/** Certified accuracy at one radius, and its lower bounds at confidence 1 − rho. */
export const curvePointSchema = z.strictObject({
  radius: z.number(),
  certified: z.int().describe('Examples that are correct with at least this radius.'),
  accuracy: z.number(),
  lower: z.number().describe('Lower bound for this one radius: exact count bound.'),
  wholeCurveLower: z.number().describe('Lower bound that holds for all radii at once.'),
});
export type CurvePoint = z.infer<typeof curvePointSchema>;

const perClassSchema = z.strictObject({
  label: z.int(),
  examples: z.int(),
  certified: z.int(),
  correct: z.int(),
  abstained: z.int(),
  averageCertifiedRadius: z.number(),
});

const simulated = z
  .literal(true)
  .optional()
  .describe('No model was run: the counts are those of a stub, and nothing is certified.');

const noise = z.literal('uniform').optional().describe('There where the noise is uniform, and not Gaussian.');

const imported = z
  .literal(true)
  .optional()
  .describe('Read from a file that was made elsewhere; nothing of it was checked.');

const replayable = z
  .literal(false)
  .optional()
  .describe("There where a device drew the noise by itself: the samples can't be drawn again.");

/** What a run of CERTIFY, in fixed or sequential mode, found; a function of the claim alone. */
export const summarySchema = z.strictObject({
  mode: z.enum(['fixed', 'sequential']),
  simulated,
  norm: z.enum(['linf', 'l1']).optional().describe('Of all radii; there where it is not ℓ2.'),
  noise,
  imported,
  replayable,
  claim: z.string().describe("The claim's digest."),
  examples: z.int(),
  certified: z.int(),
  abstained: z.int(),
  skipped: z.int(),
  failed: z.int(),
  samples: z.int().describe('Samples that the certificates rest on.'),
  skippedSamples: z
    .int()
    .describe('Samples that the estimation of the skipped examples would have cost; in sequential mode at most.'),
  mostSamples: z
    .int()
    .optional()
    .describe('Sequential mode: samples of the run, had every estimation gone on to its last look.'),
  cleanAccuracy: z.number().describe("Share of all examples whose selection's guess is the label."),
  abstentionRate: z.number(),
  averageCertifiedRadius: z
    .number()
    .describe(
      'Mean over all examples of the radius where correct, else 0. In sequential mode a lower bound: only the radii of ' +
        'the claim are decided.',
    ),
  rho: z.number(),
  curve: z.array(curvePointSchema).describe('At ascending radii; in sequential mode at those of the claim alone.'),
  lowerBoundHistogram: z
    .array(z.strictObject({ from: z.number(), to: z.number(), examples: z.int() }))
    .optional()
    .describe('Fixed mode: of the lower bounds on the top class, over examples with an estimation.'),
  lastLooks: z
    .array(
      z.strictObject({
        look: z.int().min(1).describe('Counted from 1.'),
        n: z.int().min(1).describe('Samples of an estimation up to that look.'),
        examples: z.int().min(1),
      }),
    )
    .optional()
    .describe('Sequential mode: how many estimations ended at each look; those that ended none are left out.'),
  perClass: z.array(perClassSchema),
});
export type Summary = z.infer<typeof summarySchema>;

/** What a run of PREDICT found. */
export const predictionSummarySchema = z.strictObject({
  mode: z.literal('predict'),
  simulated,
  noise,
  replayable,
  claim: z.string(),
  examples: z.int(),
  predicted: z.int(),
  abstained: z.int(),
  failed: z.int(),
  samples: z.int(),
  accuracy: z.number().describe('Share of all examples predicted correctly.'),
  abstentionRate: z.number(),
});
export type PredictionSummary = z.infer<typeof predictionSummarySchema>;

export type AnySummary = Summary | PredictionSummary;
