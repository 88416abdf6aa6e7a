import { z } from 'zod';

/**
 * What a run is about to claim, all but its seed: written before the seed is drawn, so that no seed can have been chosen by what
 * it gives.
 */
export const commitmentSchema = z.strictObject({
  version: z.literal(1),
  run: z.string(),
  request: z.string().describe("The request's digest."),
  model: z.string().describe("The model's SHA-256."),
  dataset: z.string().describe("The dataset's SHA-256."),
  code: z.string().describe("The code's digest."),
  seedlessClaim: z.string().describe('The digest of the claim without its seed.'),
});
export type Commitment = z.infer<typeof commitmentSchema>;
