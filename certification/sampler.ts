import { fuseModel } from './classifier/fuse-model.ts';
import { inspectModel, type ModelDescription } from './classifier/inspect-model.ts';
import { openModelPool, type ModelPool } from './classifier/model-pool.ts';
import type { ModelSetup } from './classifier/model-process-messages.ts';
import type { Dataset } from './datasets/dataset.ts';
import { openDataset } from './datasets/open-dataset.ts';
import { PerimeterError } from './perimeter-error.ts';
import { sha256Hex } from './records/canonical-json.ts';
import type { Claim } from './records/claim.ts';
import type { Plan } from './records/plan.ts';
import type { Request } from './records/request.ts';
import { readObject } from './storage/read-object.ts';

/** What names a dataset in a request or a plan. */
export type DatasetSource = Pick<Request, 'dataset' | 'labels' | 'format' | 'datasetLayout'>;
/** What names a model, and how to read it. */
export type ModelSource = Pick<Request, 'model' | 'input' | 'output' | 'layout'>;

export interface LoadedModel {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly description: ModelDescription;
}

/**
 * One device's sampler: keeps the last model, dataset and model processes at hand, so that the shards of a run share
 * them. Its methods are called one at a time.
 */
export interface Sampler {
  readonly device: 'cpu';
  readonly processes: number;
  loadModel(source: ModelSource): Promise<LoadedModel>;
  loadDataset(source: DatasetSource): Promise<Dataset>;
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
 */
export function createSampler({ processes }: { processes: number }): Sampler {
  const models = keepLast<LoadedModel>();
  const datasets = keepLast<Dataset>();
  const pools = keepLast<ModelPool>((pool) => pool.close());
  return {
    device: 'cpu',
    processes,
    loadModel: (source) => models(JSON.stringify(source), () => loadModel(source)),
    loadDataset: (source) => datasets(JSON.stringify(source), () => loadDataset(source)),
    openPool: (options) => {
      const { model, ...rest } = options;
      return pools(JSON.stringify([model.sha256, model.description.input, model.description.output, rest]), () =>
        openModelPool(modelSetup(options), processes),
      );
    },
    close: () => pools('', undefined).then(() => undefined),
  };
}

async function loadModel({ model, input, output, layout }: ModelSource): Promise<LoadedModel> {
  const bytes = await readObject(model);
  const description = inspectModel(bytes, {
    name: model,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(layout !== undefined && { layout }),
  });
  return { bytes, sha256: sha256Hex(bytes), description };
}

async function loadDataset({ dataset, labels, format, datasetLayout }: DatasetSource): Promise<Dataset> {
  return openDataset(
    {
      images: dataset,
      ...(labels !== undefined && { labels }),
      ...(format !== undefined && { format }),
      ...(datasetLayout !== undefined && { layout: datasetLayout }),
    },
    readObject,
  );
}

function modelSetup({ model, normalisation, noise, batchSize, threads }: PoolOptions): ModelSetup {
  const { description } = model;
  const { sigma, stepsPerUnit, elementType } = noise;
  const fused = fuseModel(model.bytes, {
    description,
    stepsPerUnit,
    elementType,
    batchSize,
    ...(normalisation !== null && { normalisation }),
  });
  const { shape, classes } = description;
  return { fused, batchSize, shape, classes, elementType, sigma, stepsPerUnit, threads };
}

/**
 * Opens what a plan needs, and makes sure that it is what the plan means.
 *
 * @throws PerimeterError `InvalidModel` or `InvalidDataset` where the bytes aren't those of the claim;
 * `ArithmeticMismatch` where this machine's arithmetic isn't the claim's.
 */
export async function openPlan(sampler: Sampler, plan: Plan): Promise<{ pool: ModelPool; dataset: Dataset }> {
  const { claim, sources } = plan;
  const model = await sampler.loadModel({
    model: sources.model,
    input: claim.model.input,
    output: claim.model.output,
    ...(claim.model.layout !== 'features' && { layout: claim.model.layout }),
  });
  if (model.sha256 !== claim.model.sha256) {
    const found = `SHA-256 ${model.sha256}, and run ${plan.run} was planned for ${claim.model.sha256}`;
    throw new PerimeterError('InvalidModel', `${sources.model} has changed: it has ${found}.`);
  }
  const dataset = await sampler.loadDataset({
    dataset: sources.dataset,
    ...(sources.labels !== null && { labels: sources.labels }),
    ...(sources.format !== null && { format: sources.format }),
    ...(sources.datasetLayout !== null && { datasetLayout: sources.datasetLayout }),
  });
  if (dataset.sha256 !== claim.dataset.sha256) {
    const found = `SHA-256 ${dataset.sha256}, and run ${plan.run} was planned for ${claim.dataset.sha256}`;
    throw new PerimeterError('InvalidDataset', `${sources.dataset} has changed: it has ${found}.`);
  }
  const { normalisation } = claim.model;
  const { batchSize, threads } = claim.arithmetic;
  const pool = await sampler.openPool({ model, normalisation, noise: claim.noise, batchSize, threads });
  checkArithmetic(pool, plan);
  return { pool, dataset };
}

function checkArithmetic({ probe }: ModelPool, { claim: { arithmetic }, run }: Plan) {
  const sentence = (what: string, ours: string, theirs: string) =>
    new PerimeterError(
      'ArithmeticMismatch',
      `This sampler can't take part in run ${run}: ${what} ${ours} here and ${theirs} in the plan, so that near ties could fall differently.`,
    );
  if (probe.runtime !== arithmetic.runtime)
    throw sentence('the inference runtime is', probe.runtime, arithmetic.runtime);
  if (probe.probe !== arithmetic.probe)
    throw sentence('the logits of the probe batch have digest', probe.probe, arithmetic.probe);
}

/** Keeps one value at hand: the last one asked for. A value that is replaced is disposed of first. */
function keepLast<T>(dispose?: (value: T) => Promise<void>) {
  let kept: { key: string; value: Promise<T> } | undefined;
  return async (key: string, make: (() => Promise<T>) | undefined): Promise<T> => {
    if (kept?.key === key) return kept.value;
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
