import { z } from 'zod';
import { deviceKinds } from './device.ts';
import { jsonDigest } from './canonical-json.ts';
import { norms } from './norm.ts';
import { stubSchema } from './stub.ts';

/** Counters of the noise generator are 32 bits wide: neither samples nor examples may outnumber them. */
export const MAX_COUNT = 2 ** 32 - 1;

/** More radii than anybody reports; each costs a table of thresholds. */
const MAX_RADII = 200;

/** A side of this many pixels is beyond any classifier; the inputs of a batch would not fit in memory. */
const MAX_SIDE = 8192;

/** Named one by one, examples travel with the request, which Temporal bounds. */
const MAX_INDICES = 10_000;

const runId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Whether a text can be a run's id. */
export function isRunId(text: string): boolean {
  return runId.test(text);
}

/** How test sets are kept. */
export const datasetFormats = [
  'image-folder',
  'webdataset',
  'parquet',
  'npz',
  'npy',
  'idx',
  'cifar10',
  'cifar100',
] as const;
export type DatasetFormat = (typeof datasetFormats)[number];

/**
 * What a person asks for, in a file (JSON or YAML) or as flags of the same names. `docs/request.schema.json` is made
 * from it.
 */
export const requestSchema = z.strictObject({
  // A key that comes to be is optional and has no default here: the digests of requests that were made before stay what they were.
  model: z.string().min(1).describe('The ONNX classifier: a path, file:// or s3:// URI.'),
  input: z.string().optional().describe("The model's image input, where it has several."),
  output: z.string().optional().describe("The model's class scores, where it has several outputs."),
  layout: z.enum(['NCHW', 'NHWC']).optional().describe("The model's axis order, where its shape leaves it open."),
  normalisation: z
    .strictObject({
      mean: z.array(z.number()).min(1).describe('One mean for each channel, in input units.'),
      std: z.array(z.number().positive()).min(1).describe('One standard deviation for each channel, in input units.'),
    })
    .optional()
    .describe('Applied after the noise: (x − mean) / std. Leave it out where the model normalises inside.'),
  dataset: z
    .string()
    .min(1)
    .describe(
      'The test set: a folder of images, WebDataset tar files, Parquet, NPZ, NPY, IDX or CIFAR binary files; a path, ' +
        'file:// or s3:// URI, with {000..049} or * in its last part for several files.',
    ),
  labels: z
    .string()
    .optional()
    .describe('The labels, where they lie in a file of their own: of IDX or NPY images, or a CSV of path and label.'),
  classes: z
    .string()
    .optional()
    .describe(
      "The model's classes in order, one a line, where folders or labels files name classes instead of indices.",
    ),
  format: z
    .enum(datasetFormats)
    .optional()
    .describe("The dataset's format, where its names and first bytes don't say."),
  datasetLayout: z
    .enum(['NCHW', 'NHWC'])
    .optional()
    .describe("The dataset's axis order, where its shape leaves it open."),
  resize: z
    .int()
    .min(1)
    .max(MAX_SIDE)
    .optional()
    .describe('Image files: resize the shorter side to so many pixels; left as it is where left out.'),
  crop: z
    .int()
    .min(1)
    .max(MAX_SIDE)
    .optional()
    .describe('Image files: cut a square of so many pixels out of the centre.'),
  interpolation: z
    .enum(['bilinear', 'bicubic', 'lanczos'])
    .default('bilinear')
    .describe('Image files: the kernel of the resizing, widened where it shrinks.'),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('Image files: 3 for red, green and blue, 1 for grey.'),
  imageColumn: z.string().min(1).optional().describe('Parquet: the column of images, where it is not plain.'),
  labelColumn: z.string().min(1).optional().describe('Parquet: the column of labels, where it is not plain.'),
  stub: stubSchema
    .optional()
    .describe(
      'In the place of model and dataset, for tests and capacity planning: no model is run, and nothing is certified.',
    ),
  stride: z.int().min(1).default(1).describe('Take every stride-th example.'),
  limit: z.int().min(1).optional().describe('Take at most this many examples.'),
  indices: z
    .array(z.union([z.int().min(0), z.string().regex(/^\d{1,9}-\d{1,9}$/, 'it must be like "100-199"')]))
    .min(1)
    .transform((items) => items.flatMap(expandRange))
    .refine((indices) => indices.length <= MAX_INDICES, `at most ${MAX_INDICES} can be named`)
    .refine((indices) => indices.every((index, at) => at === 0 || index > indices[at - 1]), 'they must be ascending')
    .optional()
    .describe('Take these examples, counted from 0: numbers, or ranges such as "100-199".'),
  mode: z.enum(['certify', 'predict']).default('certify').describe('CERTIFY (a radius) or PREDICT (a class alone).'),
  distribution: z
    .enum(['gaussian', 'uniform'])
    .optional()
    .describe(
      'The law of the noise: gaussian (the default), of standard deviation sigma, or uniform on [−lambda, lambda].',
    ),
  sigma: z
    .number()
    .positive()
    .describe(
      'Standard deviation of the noise, in input units (pixels in [0, 1]); left out with uniform noise, as it follows from lambda.',
    ),
  lambda: z.number().positive().optional().describe('Uniform noise: half its width, in input units.'),
  norm: z
    .enum(norms)
    .optional()
    .describe(
      "Of the radii: l2, linf or l1; the law's own where left out, l2 of gaussian noise and l1 of uniform noise.",
    ),
  n0: z.int().min(1).max(MAX_COUNT).default(100).describe('Samples of the selection.'),
  n: z.int().min(1).max(MAX_COUNT).default(100_000).describe('Samples of the estimation.'),
  alpha: z.number().gt(0).max(0.5).default(0.001).describe('Greatest probability that a certificate is wrong.'),
  bound: z
    .enum(['runner-up', 'clopper-pearson'])
    .default('runner-up')
    .describe("Bound the runner-up class too, or the top class alone (Cohen et al.'s)."),
  radii: z
    .array(z.number().min(0))
    .min(1)
    .max(MAX_RADII)
    .refine((radii) => radii.every((radius, at) => at === 0 || radius > radii[at - 1]), 'they must be ascending')
    .optional()
    .describe('Sequential mode: decide these radii alone, each as early as is sound; n is then the most samples.'),
  skipMisclassified: z
    .boolean()
    .optional()
    .describe("Skip the estimation of examples whose selection isn't their label; the default in sequential mode."),
  rho: z.number().gt(0).max(0.5).default(0.001).describe('1 − confidence of the bounds on certified accuracy.'),
  seed: z
    .union([z.string().min(1).max(128), z.int()])
    .transform(String)
    .optional()
    .describe('Seed of the noise; drawn at random where left out.'),
  challenge: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe("A reviewer's text: the seed is then its hash with the rest of the claim."),
  device: z
    .enum(deviceKinds)
    .default('cpu')
    .describe('What runs the model: cpu, cuda (an NVIDIA GPU), or webgpu (a GPU of any maker).'),
  tf32: z
    .boolean()
    .optional()
    .describe(
      'On CUDA: let float32 products be rounded to TensorFloat-32 (10 bits of mantissa), which is faster; the default.',
    ),
  noise: z
    .enum(['exact', 'device'])
    .optional()
    .describe(
      "exact (the default): replayable, from the seed. device: a GPU's own generator, which can't be replayed and has a larger noise budget.",
    ),
  batchSize: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe("The model's fixed batch; chosen by input size where left out."),
  threads: z.int().min(1).max(256).default(1).describe('Threads of one model process.'),
  shardSize: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Examples a shard; about five minutes of work where left out.'),
  concurrency: z.int().min(1).max(2_000).default(64).describe('Most shards under way at once.'),
  maxFailedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('A run with a larger share of failed examples than this publishes nothing and fails.'),
  out: z.string().min(1).default('perimeter-results').describe('Where runs are kept: a folder, file:// or s3:// URI.'),
  run: z
    .string()
    .regex(runId, 'a run id is 1 to 100 letters, digits, ".", "_" and "-", beginning with a letter or digit')
    .optional()
    .describe("The run's id; made from the time where left out."),
});

/** The numbers of "100-199"; a range that ends before it begins, or is too long to be allowed, as one that isn't ascending. */
function expandRange(item: number | string): number[] {
  if (typeof item === 'number') return [item];
  const [first, last] = item.split('-').map(Number);
  if (last < first) return [first, last];
  return Array.from({ length: Math.min(last - first, MAX_INDICES) + 1 }, (_, at) => first + at);
}

const fields = requestSchema.shape;

/** A request as a file may say it: the statistics in a group of their own, or beside the rest. */
export const requestFileSchema = requestSchema.extend({
  sampling: z
    .strictObject({
      mode: z.enum(['fixed', 'sequential']),
      radii: fields.radii,
      n0: fields.n0,
      n: fields.n,
      alpha: fields.alpha,
      bound: fields.bound,
      skipMisclassified: fields.skipMisclassified,
      rho: fields.rho,
    })
    .partial()
    .optional()
    .describe('The keys of the statistics as a group: { mode: "sequential", radii: [0.25, 0.5], n: 10000 }.'),
});

type WholeInput = z.input<typeof requestFileSchema>;
/** A request as people write it: what has a default may be left out, and with uniform noise `sigma`, which follows from `lambda`. */
export type RequestInput = Omit<WholeInput, 'sigma'> & Partial<Pick<WholeInput, 'sigma'>>;
/** A request with its defaults filled in. */
export type Request = z.output<typeof requestSchema>;

/** The JSON Schema of a request file: a stub stands for the model and the dataset, which `parseRequest` then fills in. */
export function requestJsonSchema() {
  const { required = [], ...schema } = z.toJSONSchema(requestFileSchema, { io: 'input' });
  const inputs = ['model', 'dataset'];
  const always = required.filter((key) => ![...inputs, 'sigma'].includes(key));
  return {
    ...schema,
    ...(always.length > 0 && { required: always }),
    anyOf: [{ required: inputs }, { required: ['stub'] }],
    oneOf: [
      { required: ['sigma'] },
      { properties: { distribution: { const: 'uniform' } }, required: ['distribution', 'lambda'] },
    ],
  };
}

/** The keys of a request that say what a dataset is, by themselves. */
export const datasetSourceSchema = requestSchema.pick({
  dataset: true,
  labels: true,
  classes: true,
  format: true,
  datasetLayout: true,
  resize: true,
  crop: true,
  interpolation: true,
  channels: true,
  imageColumn: true,
  labelColumn: true,
  stub: true,
});
export type DatasetSource = z.output<typeof datasetSourceSchema>;

/** A request's digest, as the commitment and the manifest state it. */
export function requestDigest(request: Request): string {
  return jsonDigest(request);
}
