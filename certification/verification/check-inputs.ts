import type { ModelDescription } from '../classifier/graph/inspect-model.ts';
import { batchSizeOf, fixedBatchSize, outlineClaim } from '../draft-claim.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { Row } from '../records/certificate.ts';
import type { Claim } from '../records/claim.ts';
import { firstDifference } from '../records/first-difference.ts';
import type { Request } from '../records/request.ts';
import type { LoadedModel } from '../sampler.ts';
import type { DigestedDataset } from '../sources.ts';
import { failed, noted, passed, type Check } from './check.ts';

/** What a reviewer has of a run's inputs: the thing itself, or why it isn't there. */
export type Found<T> = { readonly value: T } | { readonly reason: string };

/** Tries to read an input. */
export async function find<T>(load: () => Promise<T>): Promise<Found<T>> {
  try {
    return { value: await load() };
  } catch (error) {
    if (error instanceof PerimeterError) return { reason: error.message };
    throw error;
  }
}

/** Whether the model here is the claim's. */
export function checkModel(claim: Claim, { sha256, name }: LoadedModel): Check {
  return sha256 === claim.model.sha256
    ? passed('model', `SHA-256 ${sha256.slice(0, 16)}…, the claim's`)
    : failed('model', `${name} has SHA-256 ${sha256.slice(0, 16)}…, and the claim ${claim.model.sha256.slice(0, 16)}…`);
}

/** Whether the dataset here is the claim's, and the rows' labels are its own. */
export function checkDataset({
  claim,
  dataset,
  rows,
}: {
  claim: Claim;
  dataset: DigestedDataset;
  rows: readonly Row[] | undefined;
}): Check {
  if (dataset.sha256 !== claim.dataset.sha256) {
    const own = `SHA-256 ${dataset.sha256.slice(0, 16)}…`;
    return failed('dataset', `it has ${own}, and the claim ${claim.dataset.sha256.slice(0, 16)}…`);
  }
  if (claim.dataset.examples !== dataset.examples) {
    return failed('dataset', `it holds ${dataset.examples} examples, and the claim says ${claim.dataset.examples}`);
  }
  for (const { index, label } of rows ?? []) {
    const own = dataset.label(index);
    if (label !== own) return failed('dataset', `example ${index} has the label ${own}, and its row ${label}`);
  }
  const labels = rows === undefined ? '' : '; the labels too';
  return passed('dataset', `SHA-256 ${dataset.sha256.slice(0, 16)}…, the claim's${labels}`);
}

/** Whether image files become the same pixels here as where the run was made. */
export function checkDecoder(claim: Claim, { images }: Pick<DigestedDataset, 'images'>): Check {
  const planned = claim.dataset.images?.probe;
  return images?.probe === planned
    ? passed('decoder', "the claim's pixels to the bit")
    : noted('decoder', "image files become other pixels here than the run's: the decoder or the processor is another");
}

/** A dataset as the claim's decoder would give it; `checkDecoder` tells whether this machine's is another. */
function withProbe(dataset: DigestedDataset, claim: Claim): DigestedDataset {
  const probe = claim.dataset.images?.probe;
  if (dataset.images === null || probe === undefined) return dataset;
  return { ...dataset, images: { ...dataset.images, probe } };
}

/** Whether the claim is what its request asks of this model and dataset: examples, statistics, noise with its budget. */
export async function checkClaim({
  claim,
  request,
  model,
  dataset,
}: {
  claim: Claim;
  request: Request;
  model: LoadedModel;
  dataset: DigestedDataset;
}): Promise<Check> {
  let outline: Awaited<ReturnType<typeof outlineClaim>>;
  try {
    outline = await outlineClaim({ request, model, dataset: withProbe(dataset, claim) });
  } catch (error) {
    if (!(error instanceof PerimeterError)) throw error;
    return failed('claim', error.message);
  }
  const claimed = Object.fromEntries(Object.keys(outline).map((key) => [key, claim[key as keyof typeof outline]]));
  const difference =
    firstDifference(claimed, outline, 'claim') ??
    firstDifference(...arithmeticAsked(request, claim, model.description), 'claim.arithmetic');
  return difference === undefined
    ? passed('claim', 'what the request asks of these inputs; noise budget too')
    : failed('claim', `not what the request asks of this model and dataset: ${difference}`);
}

/** What a claim says of the arithmetic that its request decides, and what the request says. */
function arithmeticAsked(
  request: Request,
  { arithmetic: { threads, batchSize, cuda } }: Claim,
  description: ModelDescription,
): [claimed: Record<string, unknown>, asked: Record<string, unknown>] {
  // On CUDA the batch size is measured where it is left open.
  const isMeasured = cuda !== undefined && fixedBatchSize(request, description) === null;
  return [
    { threads, batchSize, ...(cuda && { tf32: cuda.tf32 }) },
    {
      threads: request.threads,
      batchSize: isMeasured ? batchSize : batchSizeOf(request, description),
      ...(cuda && { tf32: request.tf32 ?? true }),
    },
  ];
}
