import { checkRequest } from './check-request.ts';
import { ownNorm } from './convert-norm.ts';
import { chooseBatch } from './choose-batch.ts';
import { codeDigest } from './code-digest.ts';
import type { ModelDescription } from './classifier/graph/inspect-model.ts';
import type { Dataset } from './datasets/dataset.ts';
import { stepsPerUnit } from './lattice-example.ts';
import { measureRate } from './measure-rate.ts';
import { narrowestLattice } from './narrowest-lattice.ts';
import { latticeElementType } from './noise/lattice-element-type.ts';
import { latticeTable, type NoiseLaw } from './noise/lattice-table.ts';
import { deviceNoiseBudget } from './noise/device-noise-budget.ts';
import { noiseBudget } from './noise/noise-budget.ts';
import { PerimeterError, type ErrorCode } from './perimeter-error.ts';
import { readExamples } from './read-examples.ts';
import { claimedIndex, claimedIndices, type Claim } from './records/claim.ts';
import type { Request } from './records/request.ts';
import type { LoadedModel, Sampler } from './sampler.ts';

/** A claim that only lacks its seed. */
export type SeedlessClaim = Omit<Claim, 'seed'>;

/** A claim that lacks its seed, and the speed measured on the way. */
export interface Draft {
  /** The dataset's digest is null where its examples are read one by one: `digestDataset` reads them for it. */
  readonly claim: Omit<SeedlessClaim, 'dataset'> & {
    readonly dataset: Omit<Claim['dataset'], 'sha256'> & { readonly sha256: string | null };
  };
  readonly samplesPerSecond: number;
}

/** A draft's claim with the dataset's digest, where it lacks it. */
export function digested(claim: Draft['claim'], sha256: string): SeedlessClaim {
  return { ...claim, dataset: { ...claim.dataset, sha256: claim.dataset.sha256 ?? sha256 } };
}

/** Long enough for a rate within some per cent, which sizes shards and timeouts; short enough not to be noticed. */
const CALIBRATION_MS = 400;

/** Longer, as it decides between sizes that are close, and a GPU's first batches are slow. */
const SWEEP_MS = 1_000;

/** Examples looked at together; of a set whose first so many are all damaged nothing is expected. */
const GROUP = 256;

/**
 * Reads model and dataset, refuses what can't be certified, measures the arithmetic and the speed of this device, and
 * puts down all that certificates will rest on.
 *
 * @throws PerimeterError `InvalidRequest`, `InvalidModel`, `InvalidDataset`, `NotFound`, `StoreRefused`.
 */
export async function draftClaim(sampler: Sampler, request: Request): Promise<Draft> {
  checkRequest(request);
  const model = await sampler.loadModel(request, { fresh: true });
  const dataset = await sampler.loadDataset(request, { fresh: true });
  const outline = await outlineClaim({ request, model, dataset });
  const { noise } = outline;
  const pixels = await firstPixels(dataset, outline);
  const { threads } = request;
  const { normalisation } = outline.model;
  const cuda = sampler.device.kind === 'cuda' && model.stub === undefined ? cudaArithmetic(request) : undefined;
  const open = (batchSize: number) =>
    sampler.openPool({ model, normalisation, noise, batchSize, threads, ...(cuda && { cuda }) });
  const batchSize =
    cuda !== undefined && fixedBatchSize(request, model.description) === null
      ? await chooseBatch({
          model: { sha256: model.sha256, normalisation, cuda, generator: noise.generator },
          dimensions: pixels.length,
          open,
          rateOf: (pool) => measureRate(pool, pixels, SWEEP_MS),
        })
      : batchSizeOf(request, model.description);
  const pool = await open(batchSize);
  const samplesPerSecond = await measureRate(pool, pixels, CALIBRATION_MS);
  const { runtime, batchInvariant, probe } = pool.probe;
  const provider: Claim['arithmetic']['provider'] = model.stub === undefined ? sampler.device.kind : 'stub';
  const arithmetic = { provider, runtime, threads, batchSize, batchInvariant, ...(cuda && { cuda }), probe };
  return { claim: { ...outline, code: codeDigest(), arithmetic }, samplesPerSecond };
}

/** Channels last are faster where tensor cores can be used, and far slower where not (docs/performance.md). */
function cudaArithmetic({ tf32 = true }: Request): NonNullable<Claim['arithmetic']['cuda']> {
  return { tf32, channelsLast: tf32 };
}

/**
 * What a request claims of a model and a dataset, all but how and by which code it is computed: a function of the three alone.
 *
 * @throws PerimeterError `InvalidRequest`, `InvalidDataset` where they don't fit each other.
 */
export async function outlineClaim({
  request,
  model,
  dataset,
}: {
  request: Request;
  model: Pick<LoadedModel, 'sha256' | 'description'>;
  dataset: Dataset;
}): Promise<Omit<Draft['claim'], 'code' | 'arithmetic'>> {
  checkFit(request, model.description, dataset);
  const { sigma, lambda } = request;
  const { input, output, layout, shape, classes } = model.description;
  const chosen = chooseExamples(request, dataset);
  const lattice = {
    sigma,
    ...(lambda !== undefined && { lambda }),
    stepsPerUnit: stepsPerUnit({ kind: dataset.kind, sigma, lambda }),
  };
  const table = asked('InvalidRequest', () => latticeTable(lattice));
  const dimensions = shape.reduce((product, side) => product * side, 1);
  const budget =
    request.noise === 'device'
      ? asked('InvalidRequest', () => deviceNoiseBudget({ ...lattice, dimensions }))
      : noiseBudget({ table, dimensions });
  checkRequest(request, { margin: budget, dimensions });
  const range = await pixelRange(dataset, claimedIndices({ dataset: chosen }), lattice);
  const narrowest = narrowestLattice(request.device);
  const elementType = asked('InvalidDataset', () => latticeElementType({ table, ...range, narrowest }));
  return {
    version: 1,
    model: {
      sha256: model.sha256,
      input: input.name,
      output: output.name,
      layout,
      shape: [...shape],
      classes,
      normalisation: request.normalisation ?? null,
    },
    dataset: {
      sha256: dataset.sha256,
      digestOf: dataset.digestOf,
      layout: request.datasetLayout ?? null,
      images: dataset.images,
      examples: dataset.examples,
      ...chosen,
    },
    sampling: sampling(request),
    noise: {
      law: lambda === undefined ? 'discretised-gaussian' : 'discretised-uniform',
      generator: generators[request.noise ?? 'exact'],
      ...lattice,
      elementType,
      budget,
    },
    ...claimedNorm(request),
    ...(request.stub && { stub: { pA: request.stub.pA } }),
  };
}

/** The norm of a request's radii, where it is not ℓ2. */
function claimedNorm({ mode, norm, lambda }: Request): Pick<Claim, 'norm'> {
  const asked = norm ?? ownNorm({ lambda });
  return mode === 'predict' || asked === 'l2' ? {} : { norm: asked };
}

const generators = { exact: 'philox4x32-10', device: 'curand-philox4x32-10' } as const;

/** The examples that a request takes of a dataset. */
export function chooseExamples(
  { dataset: name, stride, limit = Infinity, indices }: Request,
  { examples }: Dataset,
): Pick<Claim['dataset'], 'stride' | 'count' | 'indices'> {
  if (indices === undefined) return { stride, count: Math.min(Math.ceil(examples / stride), limit), indices: null };
  const beyond = indices.find((index) => index >= examples);
  if (beyond !== undefined) {
    throw new PerimeterError(
      'InvalidRequest',
      `"indices" names example ${beyond}, but ${name} holds ${examples}, 0 to ${examples - 1}.`,
    );
  }
  const taken = indices.slice(0, limit);
  return { stride, count: taken.length, indices: taken };
}

function sampling({ mode, radii, n0, n, alpha, bound, skipMisclassified, rho }: Request): Claim['sampling'] {
  if (mode === 'predict') return { mode, n, alpha };
  if (radii === undefined) {
    return { mode: 'fixed', n0, n, alpha, bound, skipMisclassified: skipMisclassified ?? false, rho };
  }
  return { mode: 'sequential', radii, n0, n, alpha, skipMisclassified: skipMisclassified ?? true, rho };
}

/** The batch size that the request asks for, else the one that the model was made for; null where neither says. */
export function fixedBatchSize({ batchSize }: Pick<Request, 'batchSize'>, { batch }: ModelDescription): number | null {
  return batchSize ?? batch;
}

/**
 * The model's fixed batch: the request's, else the model's own. Where both leave it open, batches as large as keep the
 * operators busy and as small as stay in cache, by input size alone, so that equal requests make equal claims: 64 for
 * inputs up to 16,384 values, down to 8 for an ImageNet crop.
 */
export function batchSizeOf(request: Pick<Request, 'batchSize'>, description: ModelDescription): number {
  const fixed = fixedBatchSize(request, description);
  if (fixed !== null) return fixed;
  const { shape } = description;
  const dimensions = shape.reduce((product, side) => product * side, 1);
  let batchSize = 64;
  while (batchSize > 8 && batchSize * dimensions > 2 ** 20) batchSize /= 2;
  return batchSize;
}

function checkFit(request: Request, model: ModelDescription, dataset: Dataset) {
  const same = (a: readonly number[], b: readonly number[]) =>
    a.length === b.length && a.every((side, at) => side === b[at]);
  if (!same(model.shape, dataset.shape)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${request.dataset} holds examples of shape ${dataset.shape.join('×')}, but ${request.model} takes ${model.shape.join('×')} (channels first)${dataset.images === null ? '' : adaptHint(model.shape)}.`,
    );
  }
  const { min, max } = dataset.labels;
  if (min < 0 || max >= model.classes) {
    throw new PerimeterError(
      'InvalidDataset',
      `${request.labels ?? request.dataset} has labels from ${min} to ${max}, but ${request.model} has ${model.classes} classes, 0 to ${model.classes - 1}.`,
    );
  }
  const { normalisation } = request;
  if (normalisation === undefined) return;
  const channels = model.layout === 'features' ? 1 : model.shape[0];
  for (const [name, values] of Object.entries(normalisation)) {
    if (values.length !== channels) {
      throw new PerimeterError(
        'InvalidRequest',
        `normalisation.${name} has ${values.length} values, but ${request.model} has ${channels} ${channels === 1 ? 'channel' : 'channels'}: give one for each.`,
      );
    }
  }
}

/** How images of another size or colour are made to fit. */
function adaptHint([channels, side]: readonly number[]): string {
  return `: ask for "crop": ${side}, "resize": ${Math.round(side / 0.875)} (or what it was trained with), "channels": ${channels}`;
}

/** What the noise refuses comes of what was asked for. */
function asked<T>(code: ErrorCode, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PerimeterError(code, error.message, { cause: error });
  }
}

/** Least and greatest lattice point among the examples that are certified: they decide the lattice's integer type. */
async function pixelRange(dataset: Dataset, indices: readonly number[], lattice: NoiseLaw) {
  if (dataset.kind === 'uint8') return { minPixel: 0, maxPixel: 255 };
  let minPixel = 0;
  let maxPixel = 0;
  for (let first = 0; first < indices.length; first += GROUP) {
    for (const { pixels } of await readExamples(dataset, indices.slice(first, first + GROUP), lattice)) {
      for (const pixel of pixels) {
        if (pixel < minPixel) minPixel = pixel;
        if (pixel > maxPixel) maxPixel = pixel;
      }
    }
  }
  return { minPixel, maxPixel };
}

/** The pixels of the first example that can be read, among as many as a shard has. */
async function firstPixels(dataset: Dataset, { dataset: chosen, noise }: Pick<Draft['claim'], 'dataset' | 'noise'>) {
  for (let position = 0; position < Math.min(chosen.count, GROUP); position++) {
    const [example] = await readExamples(dataset, [claimedIndex({ dataset: chosen }, position)], noise);
    if (example.unreadable === undefined) return example.pixels;
  }
  throw new PerimeterError('InvalidDataset', `None of the first ${GROUP} examples can be read.`);
}
