import { z } from 'zod';
import { jsonDigest } from './canonical-json.ts';
import { seedSourceSchema } from './seed.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a finished run left: written last, and only once. A run without it is not finished. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  run: z.string(),
  generation: z
    .int()
    .min(2)
    .optional()
    .describe('Of the results, from the second on: examples that had failed were drawn again.'),
  digests: z
    .strictObject({
      request: sha256,
      model: sha256,
      dataset: sha256,
      code: sha256,
      claim: sha256,
      report: sha256
        .optional()
        .describe('Of the code that made tables, curve and page of the rows; manifests of older versions lack it.'),
      run: sha256.describe('Of `objects`: of all that the run left.'),
    })
    .describe('What the certificates belong to; they hold for nothing else.'),
  seed: seedSourceSchema,
  norm: z.enum(['linf', 'l1']).optional().describe('Of the radii; there where it is not ℓ2.'),
  noise: z.literal('uniform').optional().describe('There where the noise is uniform, and not Gaussian.'),
  replayable: z
    .literal(false)
    .optional()
    .describe("There where a device drew the noise by itself: the samples can't be drawn again."),
  objects: z
    .array(z.strictObject({ key: z.string(), size: z.int(), sha256: z.string() }))
    .describe("Every other object of the run, by key under the run's folder."),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The digest of all that a run left. */
export function runDigest(objects: Manifest['objects']): string {
  return jsonDigest(objects);
}
