import { availableParallelism } from 'node:os';
import { claimNoiseKey } from './claim-noise-key.ts';
import { cpu, noDeviceNoise, type Device } from './records/device.ts';
import { fuseModel } from './classifier/graph/fuse-model.ts';
import { inspectModel, type ModelDescription } from './classifier/graph/inspect-model.ts';
import { openModelPool, type ModelPool } from './classifier/model-pool.ts';
import { openStubPool, stubDescription } from './classifier/stub-pool.ts';
import type { Dataset } from './datasets/dataset.ts';
import { STUB_SHAPE } from './datasets/stub-dataset.ts';
import {
  available,
  checkDigest,
  datasetKeys,
  loadDataset,
  loadPlannedDataset,
  modelKeys,
  type DigestedDataset,
  type ModelSource,
} from './sources.ts';
import { codeDigest } from './code-digest.ts';
import { narrowestLattice } from './narrowest-lattice.ts';
import { PerimeterError } from './perimeter-error.ts';
import { sha256Hex } from './records/canonical-json.ts';
import { hasReplayableNoise, type Claim } from './records/claim.ts';
import type { Plan } from './records/plan.ts';
import type { DatasetSource } from './records/request.ts';
import { stubModelDigest, type Stub } from './records/stub.ts';
import { readObject } from './storage/read-object.ts';
import type { Store } from './storage/store.ts';

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
  readonly device: Device;
  readonly processes: number;
  /** The model at hand, or read again where `fresh`: a file may have changed since. */
  loadModel(source: ModelSource, options?: { fresh: boolean }): Promise<LoadedModel>;
  loadDataset(source: DatasetSource, options?: { fresh: boolean }): Promise<Dataset>;
  /** The dataset of a planned run, opened once for all of its shards. */
  loadPlannedDataset(store: Store, plan: Plan): Promise<DigestedDataset>;
  openPool(options: PoolOptions): Promise<ModelPool>;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly model: LoadedModel;
  readonly normalisation: Claim['model']['normalisation'];
  readonly noise: Pick<Claim['noise'], 'generator' | 'sigma' | 'lambda' | 'stepsPerUnit' | 'elementType'>;
  /** The run's key, which the seeds of device noise are made of; of exact noise the requests have it. */
  readonly noiseKey?: readonly [number, number] | undefined;
  readonly batchSize: number;
  readonly threads: number;
  /** There where the device is a CUDA one. */
  readonly cuda?: Claim['arithmetic']['cuda'];
}

export interface SamplerOptions {
  /** What runs the models: the CPU where left out. */
  readonly device?: Device | undefined;
  /** Model processes, each with the plan's number of threads: on a CPU as many as there are cores where left out, else one. */
  readonly processes?: number | undefined;
}

/**
 * A sampler with nothing loaded yet.
 *
 * @throws PerimeterError `InvalidRequest` where `processes` isn't a whole number from 1.
 */
export function createSampler({
  device = cpu,
  processes = device.kind === 'cpu' ? availableParallelism() : 1,
}: SamplerOptions = {}): Sampler {
  if (!Number.isInteger(processes) || processes < 1) {
    throw new PerimeterError(
      'InvalidRequest',
      `A sampler needs a whole number of model processes, 1 or more, not ${processes}.`,
    );
  }
  const models = keepLast<LoadedModel>();
  const datasets = keepLast<Dataset>();
  const planned = keepLast<DigestedDataset>();
  const pools = keepLast<ModelPool>((pool) => pool.close());
  return {
    device,
    processes,
    loadModel: (source, options) => models(keyOf(source, modelKeys), () => loadModel(source), options),
    loadDataset: (source, options) => datasets(keyOf(source, datasetKeys), () => loadDataset(source), options),
    loadPlannedDataset: async (store, plan) => {
      const { request, claim } = plan;
      const { sha256, digestOf } = claim.dataset;
      if (digestOf === 'files') {
        // What was read whole to plan with serves to draw with.
        const atHand = await datasets(keyOf(request, datasetKeys), () => loadDataset(request));
        if (atHand.sha256 === sha256) return atHand as DigestedDataset;
      }
      return planned(JSON.stringify([keyOf(request, datasetKeys), sha256]), () => loadPlannedDataset(store, plan));
    },
    openPool: (options) => {
      const { model, normalisation, noise, noiseKey, batchSize, threads, cuda } = options;
      const { input, output, shape } = model.description;
      const law = keyOf(noise, ['generator', 'sigma', 'lambda', 'stepsPerUnit', 'elementType']);
      const key = JSON.stringify([
        model.sha256,
        input.name,
        output.name,
        shape,
        normalisation,
        law,
        batchSize,
        threads,
        cuda ?? null,
        model.stub ?? null,
        hasReplayableNoise({ noise }) ? null : (noiseKey ?? null),
      ]);
      return pools(key, () => openPool(options, { device, processes }));
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

async function openPool(
  options: PoolOptions,
  { device, processes }: Pick<Sampler, 'device' | 'processes'>,
): Promise<ModelPool> {
  const { model, normalisation, noise, noiseKey = [0, 0], batchSize, threads, cuda } = options;
  const { description, stub } = model;
  const { shape, classes } = description;
  const { sigma, lambda, stepsPerUnit } = noise;
  const deviceNoise = hasReplayableNoise({ noise }) ? undefined : { key: noiseKey };
  if (deviceNoise !== undefined && device.kind !== 'cuda') {
    throw new PerimeterError(
      'InvalidRequest',
      `This sampler runs on ${device.kind} and can't draw device noise: ${noDeviceNoise(device.kind)}`,
    );
  }
  // The lattice's points are the same in wider integers: a run of another device can be replayed here.
  const elementType = narrowestLattice(device.kind) === 'int32' ? 'int32' : noise.elementType;
  const setup = {
    batchSize,
    shape,
    classes,
    elementType,
    sigma,
    lambda,
    stepsPerUnit,
    deviceNoise,
    threads,
    device,
    cuda,
  };
  if (stub !== undefined) return openStubPool({ stub, setup, processes });
  const fused = fuseModel(model.bytes, {
    name: model.name,
    description,
    stepsPerUnit,
    elementType,
    batchSize,
    deviceNoise: deviceNoise !== undefined,
    ...(normalisation !== null && { normalisation }),
  });
  return openModelPool({ ...setup, fused }, processes);
}

/**
 * Opens what a plan needs, and makes sure that it is what the plan means.
 *
 * @param store the run's.
 * @throws PerimeterError `InputUnavailable` where model or dataset aren't here, or aren't those of the claim;
 * `ArithmeticMismatch` where this sampler's code or arithmetic isn't the claim's.
 */
export async function openPlan(
  sampler: Sampler,
  store: Store,
  plan: Plan,
): Promise<{ pool: ModelPool; dataset: DigestedDataset }> {
  const { claim, request, run } = plan;
  const [model, dataset] = await available(`This sampler can't take part in run ${run}`, () =>
    Promise.all([loadPlannedModel(sampler, plan), sampler.loadPlannedDataset(store, plan)]),
  );
  checkDigest(run, request.model, { found: model.sha256, planned: claim.model.sha256 });
  checkDecoder(dataset, plan);
  const pool = await openClaimPool(sampler, claim, model);
  checkArithmetic(pool, plan);
  return { pool, dataset };
}

/** The model at hand, or what is there now where that at hand isn't what was planned for. */
async function loadPlannedModel(sampler: Sampler, { request, claim }: Plan): Promise<LoadedModel> {
  const atHand = await sampler.loadModel(request);
  return atHand.sha256 === claim.model.sha256 ? atHand : sampler.loadModel(request, { fresh: true });
}

/** The model processes that a claim asks for; whether they compute as it says is for the caller to see. */
export function openClaimPool(sampler: Sampler, claim: Claim, model: LoadedModel): Promise<ModelPool> {
  const { noise } = claim;
  const { normalisation } = claim.model;
  const { batchSize, threads, cuda } = claim.arithmetic;
  return sampler.openPool({ model, normalisation, noise, noiseKey: claimNoiseKey(claim), batchSize, threads, cuda });
}

/** @throws PerimeterError `ArithmeticMismatch` where image files become other pixels here than where the run was planned. */
function checkDecoder({ images }: Dataset, { claim, run }: Plan) {
  const here = images?.probe;
  const planned = claim.dataset.images?.probe;
  if (here === planned) return;
  throw new PerimeterError(
    'ArithmeticMismatch',
    `This sampler can't take part in run ${run}: the pixels of the decoder's probe have digest ${here ?? 'none'} here and ${planned ?? 'none'} in the plan, so that results could differ.`,
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
