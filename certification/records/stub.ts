import { z } from 'zod';
import { jsonDigest } from './canonical-json.ts';

/** What a request's `model` and `dataset` say where a stub stands for both. */
export const STUB_LOCATION = 'stub:';

/** The generator counts examples in 32 bits. */
const MAX_EXAMPLES = 2 ** 32 - 1;
/** A number of a law is drawn as the a-th least of a + b − 1 uniform ones. */
const MAX_PARAMETER = 100;

const lawSchema = z.strictObject({
  a: z.int().min(1).max(MAX_PARAMETER),
  b: z.int().min(1).max(MAX_PARAMETER),
});

/** A stand-in for model and dataset: counts are drawn from a law, and certify nothing. */
export const stubSchema = z.strictObject({
  examples: z.int().min(1).max(MAX_EXAMPLES).describe('How many there are to be.'),
  classes: z.int().min(2).max(100_000).describe("Labels go round: example i's is i mod classes."),
  pA: lawSchema.describe(
    'Beta(a, b), whole numbers: the law of the probability that a noisy sample of an example is classified as its label. ' +
      'All other samples go to the next class.',
  ),
  secondsPerSample: z
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe('How long a sample takes a model process, for planning; as fast as it goes where 0.'),
});
export type Stub = z.output<typeof stubSchema>;

/** What a claim says of a stub. */
export const claimedStubSchema = z.strictObject({ pA: lawSchema });

/** The label of an example, which is also the class of the samples that aren't of the next one. */
export function stubLabel({ classes }: Pick<Stub, 'classes'>, index: number): number {
  return index % classes;
}

/** In the place of the model's SHA-256: of all that decides what the stub's samples are classified as. */
export function stubModelDigest({ classes, pA }: Stub): string {
  return jsonDigest(['perimeter-stub-model', { classes, pA }]);
}

/** In the place of the dataset's SHA-256. */
export function stubDatasetDigest({ examples, classes }: Stub): string {
  return jsonDigest(['perimeter-stub-dataset', { examples, classes }]);
}
