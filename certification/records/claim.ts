import { z } from 'zod';
import { deviceKinds } from './device.ts';
import { jsonDigest } from './canonical-json.ts';
import { claimedStubSchema } from './stub.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** How the fused model computes; another value of any of these can round differently and flip a near tie. */
export const arithmeticSchema = z.strictObject({
  provider: z.enum([...deviceKinds, 'stub']),
  runtime: z.string().describe('Package and version of the inference runtime.'),
  threads: z.int().min(1),
  batchSize: z.int().min(1),
  batchInvariant: z
    .boolean()
    .describe("Whether an input's logits were the same at every place of a batch, beside any others."),
  cuda: z
    .strictObject({
      tf32: z.boolean().describe("Whether float32 products may be rounded to TensorFloat-32's 10 bits of mantissa."),
      channelsLast: z.boolean().describe('Whether convolutions run channels last.'),
    })
    .optional()
    .describe('There where the provider is cuda.'),
  probe: sha256.describe("Digest of the fused model's logits on a fixed batch of Philox noise."),
});
export type Arithmetic = z.infer<typeof arithmeticSchema>;

/** How image files became arrays of one shape. */
export const decodedImagesSchema = z.strictObject({
  resize: z.int().nullable(),
  crop: z.int().nullable(),
  interpolation: z.enum(['bilinear', 'bicubic', 'lanczos']),
  channels: z.union([z.literal(1), z.literal(3)]),
  probe: sha256.describe("Digest of the pixels that the decoder makes of the probe's files."),
});

/** All that a certificate rests on: results are a function of it alone. */
export const claimSchema = z.strictObject({
  version: z.literal(1),
  code: sha256.describe('Digest of the source of statistics, noise, classifier and datasets.'),
  model: z.strictObject({
    sha256,
    input: z.string(),
    output: z.string(),
    layout: z.enum(['NCHW', 'NHWC', 'features']),
    shape: z.array(z.int().min(1)).describe('Of one example, channels first.'),
    classes: z.int().min(2),
    normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }).nullable(),
  }),
  dataset: z.strictObject({
    sha256,
    digestOf: z
      .enum(['files', 'examples'])
      .describe('What `sha256` is of: all that was read, or the label and bytes of each example that is certified.'),
    layout: z.enum(['NCHW', 'NHWC']).nullable().describe('How its axes were read, where its shape left it open.'),
    images: decodedImagesSchema.nullable().describe('How image files became pixels; null of arrays.'),
    examples: z.int().min(1).describe('How many the dataset holds.'),
    stride: z.int().min(1),
    count: z.int().min(1).describe('How many are certified: indices 0, stride, 2·stride, …, or those of `indices`.'),
    indices: z
      .array(z.int().min(0))
      .min(1)
      .nullable()
      .describe('The examples that are certified, where named one by one.'),
  }),
  sampling: z.discriminatedUnion('mode', [
    z.strictObject({
      mode: z.literal('fixed'),
      n0: z.int().min(1),
      n: z.int().min(1),
      alpha: z.number(),
      bound: z.enum(['runner-up', 'clopper-pearson']),
      skipMisclassified: z.boolean(),
      rho: z.number(),
    }),
    z.strictObject({
      mode: z.literal('sequential'),
      radii: z.array(z.number().min(0)).min(1).describe('Ascending: the radii that are decided.'),
      n0: z.int().min(1),
      n: z.int().min(1).describe('The most samples of an estimation.'),
      alpha: z.number(),
      skipMisclassified: z.boolean(),
      rho: z.number(),
    }),
    z.strictObject({ mode: z.literal('predict'), n: z.int().min(1), alpha: z.number() }),
  ]),
  noise: z
    .strictObject({
      law: z.enum(['discretised-gaussian', 'discretised-uniform']),
      generator: z
        .enum(['philox4x32-10', 'curand-philox4x32-10'])
        .describe("What drew it: a function of the claim, or CUDA's own generator, which can't be replayed."),
      sigma: z.number().describe('Standard deviation, in input units.'),
      lambda: z.number().positive().optional().describe('Of the uniform law alone: half its width, in input units.'),
      stepsPerUnit: z.number().describe('Lattice points per input unit: 255 for 8-bit images.'),
      elementType: z.enum(['int16', 'int32']),
      budget: z.number().describe('Bound on the total variation between the noise drawn and its law; added to 1 − p.'),
    })
    .refine(
      ({ law, lambda }) => (law === 'discretised-uniform') === (lambda !== undefined),
      'lambda belongs to the uniform law, which has one',
    ),
  norm: z
    .enum(['linf', 'l1'])
    .optional()
    .describe('Of the radii that are certified; left out where it is ℓ2, and of PREDICT.'),
  arithmetic: arithmeticSchema,
  stub: claimedStubSchema
    .optional()
    .describe('There where no model was run: the counts are drawn from this law, and nothing is certified.'),
  seed: z.string(),
});
export type Claim = z.infer<typeof claimSchema>;

/** Whether the samples are a function of the claim, so that anybody can draw them again. */
export function hasReplayableNoise({ noise }: { noise: Pick<Claim['noise'], 'generator'> }): boolean {
  return noise.generator === 'philox4x32-10';
}

/** Whether a batch of a claim may hold samples of several examples. A device that draws the noise draws it about one. */
export function mixesExamples(claim: Pick<Claim, 'noise' | 'arithmetic'>): boolean {
  return claim.arithmetic.batchInvariant && hasReplayableNoise(claim);
}

export type FixedSampling = Extract<Claim['sampling'], { mode: 'fixed' }>;
export type SequentialSampling = Extract<Claim['sampling'], { mode: 'sequential' }>;
export type PredictSampling = Extract<Claim['sampling'], { mode: 'predict' }>;

/** The claim's digest, 64 hexadecimal digits: certificates and summary name it. */
export function claimDigest(claim: Claim): string {
  return jsonDigest(claim);
}

/** The digest of all of a claim but its seed: with the seed it makes the key of the noise. */
export function seedlessDigest(claim: Omit<Claim, 'seed'>): string {
  return jsonDigest(Object.fromEntries(Object.entries(claim).filter(([key]) => key !== 'seed')));
}

/** The example, counted in the dataset, at a position of a claim. */
export function claimedIndex(
  { dataset }: { dataset: Pick<Claim['dataset'], 'indices' | 'stride'> },
  position: number,
): number {
  return dataset.indices === null ? position * dataset.stride : dataset.indices[position];
}

/** All examples of a claim, counted in the dataset, in the claim's order. */
export function claimedIndices(claim: { dataset: Pick<Claim['dataset'], 'indices' | 'stride' | 'count'> }): number[] {
  return Array.from({ length: claim.dataset.count }, (_, position) => claimedIndex(claim, position));
}
