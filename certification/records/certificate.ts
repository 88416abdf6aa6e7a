import { z } from 'zod';

const noise = z.literal('uniform').optional().describe('There where the noise is uniform, and not Gaussian.');

const replayable = z
  .literal(false)
  .optional()
  .describe("There where a device drew the noise by itself: the samples can't be drawn again.");

/** One example's row, in this order of keys. */
export const certificateSchema = z.strictObject({
  index: z.int().min(0).describe('In the dataset.'),
  label: z.int(),
  status: z.enum(['certified', 'abstained', 'skipped', 'failed']),
  prediction: z.int().nullable().describe("The smoothed classifier's class; null unless certified."),
  radius: z
    .number()
    .describe(
      'In input units, rounded down; no perturbation of a smaller ℓ2 norm, or of the norm that `norm` names, changes the ' +
        'class. 0 unless certified. ' +
        'In sequential mode the largest certified radius of the claim.',
    ),
  correct: z.boolean().describe('Certified, and the prediction is the label.'),
  selected: z.int().nullable().describe("The selection's guess of the top class; null where it gave none."),
  n: z.int().min(0).describe('Samples of the estimation; in sequential mode up to the last look taken.'),
  count: z.int().min(0).describe('How many of them were of the selected class.'),
  runnerUpCount: z.int().min(0).describe('The largest count of any other class.'),
  lowerBound: z.number().describe("Lower bound on the selected class's probability, the noise budget taken off."),
  oneMinusLowerBound: z.number().describe('Its complement at full precision.'),
  certifiedRadii: z.array(z.number()).optional().describe('Sequential mode: those of the claim that are certified.'),
  decisions: z
    .array(
      z.strictObject({
        radius: z.number(),
        certified: z.boolean(),
        look: z.int().min(1).describe('The look that decided it, counted from 1.'),
        n: z.int().min(1).describe('Samples up to that look.'),
        count: z.int().min(0).describe('How many of them were of the selected class.'),
      }),
    )
    .optional()
    .describe('Sequential mode: what decided each radius of the claim, in order; none without an estimation.'),
  reason: z.string().optional().describe('Why a failed example failed.'),
  norm: z.enum(['linf', 'l1']).optional().describe('Of its radii; there where it is not ℓ2.'),
  noise,
  replayable,
});
export type Certificate = z.infer<typeof certificateSchema>;

/** One example's answer by PREDICT, in this order of keys. */
export const predictionSchema = z.strictObject({
  index: z.int().min(0),
  label: z.int(),
  status: z.enum(['predicted', 'abstained', 'failed']),
  prediction: z.int().nullable().describe('null unless predicted.'),
  correct: z.boolean(),
  n: z.int().min(0),
  top: z.int().nullable().describe('The class of the largest count.'),
  count: z.int().min(0),
  runnerUpCount: z.int().min(0),
  pValue: z
    .number()
    .describe('Of the two-sided exact binomial test of the two largest counts, the noise budget added.'),
  reason: z.string().optional(),
  noise,
  replayable,
});
export type Prediction = z.infer<typeof predictionSchema>;

export type Row = Certificate | Prediction;

/** A row as a line of its shard's file. */
export function rowLine(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}
