import { z } from 'zod';

/** What a finished run left: written last, and only once. A run without it is not finished. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  run: z.string(),
  claim: z.string().describe("The claim's digest."),
  objects: z
    .array(z.strictObject({ key: z.string(), size: z.int(), sha256: z.string() }))
    .describe("Every other object of the run, by key under the run's folder."),
});
export type Manifest = z.infer<typeof manifestSchema>;
