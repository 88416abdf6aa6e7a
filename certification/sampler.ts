import { fuseModel } from './classifier/fuse-model.ts';
import { inspectModel, type ModelDescription } from './classifier/inspect-model.ts';
import { openModelPool, type ModelPool } from './classifier/model-pool.ts';
import { openStubPool, stubDescription } from './classifier/stub-pool.ts';
import type { Dataset } from './datasets/dataset.ts';
import { STUB_SHAPE } from './datasets/stub-dataset.ts';
import { loadDataset, type DatasetSource, type ModelSource } from './sources.ts';
import { codeDigest } from './code-digest.ts';
import { PerimeterError } from './perimeter-error.ts';
import { sha256Hex } from './records/canonical-json.ts';
import type { Claim } from './records/claim.ts';
import type { Plan } from './records/plan.ts';
import { stubModelDigest, type Stub } from './records/stub.ts';
import { readObject } from './storage/read-object.ts';

export interface LoadedModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly description: ModelDescription;
  /** There where no model is run. */
  readonly stub?: Stub;
}

/**
 * One device's sampler: keeps the last model, dataset and model processes at hand, so that the shards of a run share
 * them. Its methods are called one at a time.
 */
export interface Sampler {
  readonly device: 'cpu';
  readonly processes: number;
  /** The model at hand, or read again where `fresh`: a file may have changed since. */
  loadModel(source: ModelSource, options?: { fresh: boolean }): Promise<LoadedModel>;
  loadDataset(source: DatasetSource, options?: { fresh: boolean }): Promise<Dataset>;
  openPool(options: PoolOptions): Promise<ModelPool>;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly model: LoadedModel;
  readonly normalisation: Claim['model']['normalisation'];
  readonly noise: Pick<Claim['noise'], 'sigma' | 'stepsPerUnit' | 'elementType'>;
  readonly batchSize: number;
  readonly threads: number;
}

/**
 * A sampler with nothing loaded yet.
 *
 * @param processes model processes, each with the plan's number of threads: on a CPU as many as there are cores.
 * @throws PerimeterError `InvalidRequest` where `processes` isn't a whole number from 1.
 */
export function createSampler({ processes }: { processes: number }): Sampler {
  if (!Number.isInteger(processes) || processes < 1) {
    throw new PerimeterError(
      'InvalidRequest',
      `A sampler needs a whole number of model processes, 1 or more, not ${processes}.`,
    );
  }
  const models = keepLast<LoadedModel>();
  const datasets = keepLast<Dataset>();
  const pools = keepLast<ModelPool>((pool) => pool.close());
  return {
    device: 'cpu',
    processes,
    loadModel: (source, options) =>
      models(keyOf(source, ['model', 'input', 'output', 'layout', 'stub']), () => loadModel(source), options),
    loadDataset: (source, options) =>
      datasets(
        keyOf(source, ['dataset', 'labels', 'format', 'datasetLayout', 'stub']),
        () => loadDataset(source),
        options,
      ),
    openPool: (options) => {
      const { model, normalisation, noise, batchSize, threads } = options;
      const { input, output, shape } = model.description;
      const law = keyOf(noise, ['sigma', 'stepsPerUnit', 'elementType']);
      const key = JSON.stringify([
        model.sha256,
        input.name,
        output.name,
        shape,
        normalisation,
        law,
        batchSize,
        threads,
        model.stub ?? null,
      ]);
      return pools(key, () => openPool(options, processes));
    },
    close: () => pools('', undefined).then(() => undefined),
  };
}

async function loadModel({ model, input, output, layout, stub }: ModelSource): Promise<LoadedModel> {
  if (stub !== undefined) {
    const description = stubDescription(stub, STUB_SHAPE);
    return { name: model, bytes: new Uint8Array(), sha256: stubModelDigest(stub), description, stub };
  }
  const bytes = await readObject(model);
  const description = inspectModel(bytes, {
    name: model,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(layout !== undefined && { layout }),
  });
  return { name: model, bytes, sha256: sha256Hex(bytes), description };
}

async function openPool(options: PoolOptions, processes: number): Promise<ModelPool> {
  const { model, normalisation, noise, batchSize, threads } = options;
  const { description, stub } = model;
  const { shape, classes } = description;
  const { sigma, stepsPerUnit, elementType } = noise;
  const setup = { batchSize, shape, classes, elementType, sigma, stepsPerUnit, threads };
  if (stub !== undefined) return openStubPool({ stub, setup, processes });
  const fused = fuseModel(model.bytes, {
    name: model.name,
    description,
    stepsPerUnit,
    elementType,
    batchSize,
    ...(normalisation !== null && { normalisation }),
  });
  return openModelPool({ ...setup, fused }, processes);
}

/**
 * Opens what a plan needs, and makes sure that it is what the plan means.
 *
 * @throws PerimeterError `InputUnavailable` where model or dataset aren't here, or aren't those of the claim;
 * `ArithmeticMismatch` where this sampler's code or arithmetic isn't the claim's.
 */
export async function openPlan(sampler: Sampler, plan: Plan): Promise<{ pool: ModelPool; dataset: Dataset }> {
  const { claim, request, run } = plan;
  const [model, dataset] = await available(run, () =>
    Promise.all([
      asPlanned(claim.model.sha256, (options) => sampler.loadModel(request, options)),
      asPlanned(claim.dataset.sha256, (options) => sampler.loadDataset(request, options)),
    ]),
  );
  checkDigest(run, request.model, { found: model.sha256, planned: claim.model.sha256 });
  checkDigest(run, request.dataset, { found: dataset.sha256, planned: claim.dataset.sha256 });
  const pool = await openClaimPool(sampler, claim, model);
  checkArithmetic(pool, plan);
  return { pool, dataset };
}

/** The model processes that a claim asks for; whether they compute as it says is for the caller to see. */
export function openClaimPool(
  sampler: Sampler,
  {
    model: { normalisation },
    noise,
    arithmetic: { batchSize, threads },
  }: Pick<Claim, 'model' | 'noise' | 'arithmetic'>,
  model: LoadedModel,
): Promise<ModelPool> {
  return sampler.openPool({ model, normalisation, noise, batchSize, threads });
}

/** What is at hand, or what is there now where that at hand isn't what was planned for. */
async function asPlanned<T extends { readonly sha256: string }>(
  sha256: string,
  load: (options: { fresh: boolean }) => Promise<T>,
): Promise<T> {
  const atHand = await load({ fresh: false });
  return atHand.sha256 === sha256 ? atHand : load({ fresh: true });
}

/** Another worker may have what isn't here: a missing mount is no fault of the run. */
async function available<T>(run: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code === 'StoreUnavailable') throw error;
    const message = `This sampler can't take part in run ${run}: ${error.message}`;
    throw new PerimeterError('InputUnavailable', message, { cause: error });
  }
}

/** @throws PerimeterError `InputUnavailable` where the bytes at `uri` aren't those that the run was planned for. */
export function checkDigest(run: string, uri: string, { found, planned }: { found: string; planned: string }) {
  if (found === planned) return;
  throw new PerimeterError(
    'InputUnavailable',
    `${uri} is not what run ${run} was planned for: it has SHA-256 ${found}, and the plan says ${planned}.`,
  );
}

function checkArithmetic({ probe }: ModelPool, { claim: { arithmetic, code }, run }: Plan) {
  const require = (what: string, here: string | boolean, planned: string | boolean) => {
    if (here === planned) return;
    throw new PerimeterError(
      'ArithmeticMismatch',
      `This sampler can't take part in run ${run}: ${what} ${here} here and ${planned} in the plan, so that results could differ.`,
    );
  };
  require('the code has digest', codeDigest(), code);
  require('the inference runtime is', probe.runtime, arithmetic.runtime);
  require('the logits of the probe batch have digest', probe.probe, arithmetic.probe);
  require('the self-check of batches is', probe.batchInvariant, arithmetic.batchInvariant);
}

/** The named fields as a cache's key. */
function keyOf<T extends object>(source: T, fields: readonly (keyof T)[]): string {
  return JSON.stringify(fields.map((field) => source[field] ?? null));
}

/** Keeps one value at hand: the last one asked for. A value that is replaced is disposed of first. */
function keepLast<T>(dispose?: (value: T) => Promise<void>) {
  let kept: { key: string; value: Promise<T> } | undefined;
  return async (key: string, make: (() => Promise<T>) | undefined, { fresh } = { fresh: false }): Promise<T> => {
    if (kept?.key === key && !fresh) return kept.value;
    const old = kept;
    kept = undefined;
    if (old !== undefined && dispose !== undefined) await old.value.then(dispose, () => undefined);
    if (make === undefined) return undefined as T;
    const value = make();
    kept = { key, value };
    value.catch(() => {
      if (kept?.value === value) kept = undefined;
    });
    return value;
  };
}
