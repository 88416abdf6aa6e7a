import type { Dataset } from './datasets/dataset.ts';
import { indexDataset, indexDigest, indexedDataset, parseIndex, type DatasetIndex } from './datasets/dataset-index.ts';
import { isListed } from './datasets/dataset.ts';
import { datasetFolder, openDataset } from './datasets/open-dataset.ts';
import { stubDataset } from './datasets/stub-dataset.ts';
import { PerimeterError } from './perimeter-error.ts';
import { claimedIndices, type Claim } from './records/claim.ts';
import type { Plan } from './records/plan.ts';
import { datasetSourceSchema, type DatasetSource, type Request } from './records/request.ts';
import { runKeys } from './records/run-keys.ts';
import type { Store } from './storage/store.ts';

/** Keys of a request that name a model, and how to read it. */
export const modelKeys = ['model', 'input', 'output', 'layout', 'stub'] as const;
/** Keys of a request that name a dataset, and how to read it. */
export const datasetKeys = Object.keys(datasetSourceSchema.shape) as (keyof DatasetSource)[];

export type ModelSource = Pick<Request, (typeof modelKeys)[number]>;

/** A dataset whose digest is known. */
export type DigestedDataset = Dataset & { readonly sha256: string };

/** Opens a dataset. @throws PerimeterError `InvalidDataset`, `NotFound`, `StoreRefused`. */
export function loadDataset(source: DatasetSource): Promise<Dataset> {
  const { dataset, datasetLayout, resize = null, crop = null, interpolation, channels, stub, ...rest } = source;
  if (stub !== undefined) return Promise.resolve(stubDataset(stub));
  const images = { resize, crop, interpolation, channels };
  return openDataset({ ...rest, uri: dataset, layout: datasetLayout, images });
}

/**
 * A dataset with the digest that a claim names it by. Where examples are read one by one, those of the claim are read through.
 *
 * @returns with the index of those examples, which a run keeps; null where the dataset was read whole.
 */
export async function digestDataset(
  dataset: Dataset,
  claim: { dataset: Pick<Claim['dataset'], 'indices' | 'stride' | 'count'> },
): Promise<{ dataset: DigestedDataset; index: DatasetIndex | null }> {
  if (!isListed(dataset)) return { dataset: dataset as DigestedDataset, index: null };
  // Of a dataset that is too short for the claim those that are there: it has another digest then.
  const there = claimedIndices(claim).filter((at) => at < dataset.examples);
  const index = await indexDataset(dataset, there);
  return { dataset: { ...dataset, sha256: indexDigest(index) }, index };
}

/**
 * The dataset of a planned run: by the index in its folder where examples are read one by one, so that nothing has to be listed or
 * read through again.
 *
 * @throws PerimeterError as `loadDataset`; `InputUnavailable` where what is there isn't what the run was planned for.
 */
export async function loadPlannedDataset(store: Store, { run, request, claim }: Plan): Promise<DigestedDataset> {
  const dataset = (await (claim.dataset.digestOf === 'files'
    ? loadDataset(request)
    : loadIndexed(store, run, request))) as DigestedDataset;
  checkDigest(run, request.dataset, { found: dataset.sha256, planned: claim.dataset.sha256 });
  return dataset;
}

async function loadIndexed(store: Store, run: string, request: DatasetSource): Promise<Dataset> {
  const key = runKeys.datasetIndex(run);
  const index = parseIndex(await store.get(key), store.url(key));
  return indexedDataset(index, datasetFolder(request.dataset, index.header.base));
}

/** @throws PerimeterError `InputUnavailable` where the bytes at `uri` aren't those that the run was planned for. */
export function checkDigest(run: string, uri: string, { found, planned }: { found: string; planned: string }) {
  if (found === planned) return;
  throw new PerimeterError(
    'InputUnavailable',
    `${uri} is not what run ${run} was planned for: it has SHA-256 ${found}, and the plan says ${planned}.`,
  );
}

/**
 * Reads inputs of a planned run. Another worker may have what isn't here: a missing mount is no fault of the run.
 *
 * @param trouble what can't be done without them, to begin the message with.
 * @throws PerimeterError `InputUnavailable` in place of what says that they aren't here.
 */
export async function available<T>(trouble: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code === 'StoreUnavailable') throw error;
    throw new PerimeterError('InputUnavailable', `${trouble}: ${error.message}`, { cause: error });
  }
}
