import { openModelPool } from '../../certification/classifier/model-pool.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import type { Device } from '../../certification/records/device.ts';
import { startBareModel } from '../bare-model.ts';
import { samplerRate } from '../sampler-rate.ts';
import type { Contender, Entrant } from './contender.ts';
import type { Group } from './groups-of.ts';
import type { LineProcess } from './line-process.ts';
import {
  bareEnvironment,
  cudaArithmetic,
  inPrecision,
  samplerSetup,
  type Layout,
  type NoiseKind,
  type Precision,
} from './settings.ts';

/** The batch of the paper's commands (`--batch 400`). */
export const PUBLISHED_BATCH = 400;
/** Batches of a sampler's first turn, whose rate sizes the second. */
const WARM_UP_BATCHES = 4;
/** Time of its second turn, whose rate sizes those that count. */
const WARM_UP_SECONDS = 0.5;

export interface EntrantOptions extends Group {
  readonly bytes: Uint8Array;
  /** The folder of the model's weights, as `writeWeights` leaves it. */
  readonly weights: string;
  readonly device: Device;
  readonly torch: LineProcess;
  readonly publishedBatch: number;
  /** Whether the sampler is measured in the layout too that it wouldn't choose. */
  readonly bothLayouts: boolean;
  /** Told of each process that loads ONNX Runtime. */
  readonly onRuntime: (runtime: string, pid: number | undefined) => void;
}

/** What runs in a group's turns, in the table's order. */
export function entrants(options: EntrantOptions): Entrant[] {
  const { batch, precision, device, first, publishedBatch, bothLayouts } = options;
  const onCuda = device.kind === 'cuda';
  const bare: Entrant = {
    what: 'bare model, `session.run`',
    batch,
    precision,
    role: 'bare',
    open: () => openBare(options),
  };
  const bareOnDevice: Entrant = {
    ...bare,
    what: 'bare model, data on the device',
    open: () => openBare(options, 'on the device'),
  };
  const sampler = (noise: NoiseKind, layout: Layout = 'usual'): Entrant => ({
    what: `sampler, ${noise} noise${layout === 'usual' ? '' : ', other layout'}`,
    batch,
    precision,
    open: () => openSampler(options, { noise, layout }),
  });
  const published: Entrant = {
    what: "PyTorch, the paper's loop",
    batch: publishedBatch,
    precision: publishedPrecision(device),
    role: 'published',
    open: () =>
      openTorch(options, { precision: 'default', batch: publishedBatch, search: options.model.publishedSearch }),
  };
  const torch: Entrant = {
    what: `PyTorch, the same loop${precision === 'fp16' ? ', channels last' : ''}`,
    batch,
    precision,
    open: () => openTorch(options, { precision, batch, search: true }),
  };
  return [
    bare,
    ...(onCuda ? [bareOnDevice] : []),
    sampler('exact'),
    ...(onCuda ? [sampler('device')] : []),
    ...(onCuda && bothLayouts ? [sampler('exact', 'other')] : []),
    ...(first ? [published] : []),
    ...(onCuda ? [torch] : []),
  ];
}

/** What PyTorch computes in where it isn't told: on NVIDIA GPUs its convolutions take TF32. */
function publishedPrecision({ kind }: Device): Precision {
  return kind === 'cuda' ? 'tf32' : 'fp32';
}

async function openBare(
  { bytes, batch, precision, device, onRuntime }: EntrantOptions,
  data: 'copied' | 'on the device' = 'copied',
): Promise<Contender> {
  const model = inPrecision(bytes, precision);
  const { input, output, shape } = inspectModel(model);
  const setup = {
    model,
    input: { name: input.name, dims: [batch, ...shape] },
    output: output.name,
    threads: 1,
    device,
    ...(data === 'on the device' && {
      onDevice: { arithmetic: device.kind === 'cuda' ? cudaArithmetic(precision, 'usual') : undefined },
    }),
  };
  const bare = await startBareModel(setup, bareEnvironment(precision));
  onRuntime(bare.runtime, bare.pid);
  return {
    turn: async (seconds) => ({ samplesPerSecond: batch * (await bare.runsPerSecond(1_000 * seconds)) }),
    close: () => {
      bare.close();
    },
  };
}

async function openSampler(
  options: EntrantOptions,
  { noise, layout }: { noise: NoiseKind; layout: Layout },
): Promise<Contender> {
  const { bytes, batch, precision, device, onRuntime } = options;
  const { sigma } = options.model;
  const setup = samplerSetup({ model: bytes, precision, noise, layout, batchSize: batch, sigma, device });
  const pool = await openModelPool(setup, 1);
  onRuntime(pool.probe.runtime, pool.pids()[0]);
  const wholeBatches = (samples: number) => batch * Math.max(1, Math.ceil(samples / batch));
  let { samplesPerSecond: rate } = await samplerRate(pool, WARM_UP_BATCHES * batch);
  const turn = async (seconds: number) => {
    const measured = await samplerRate(pool, wholeBatches(rate * seconds));
    rate = measured.samplesPerSecond;
    return measured;
  };
  await turn(WARM_UP_SECONDS);
  return { turn, close: () => pool.close() };
}

let opened = 0;

/** @param options.search whether cuDNN searches for the fastest convolutions */
async function openTorch(
  { model, weights, device, torch }: EntrantOptions,
  { precision, batch, search }: { precision: Precision | 'default'; batch: number; search: boolean },
): Promise<Contender> {
  const id = String(opened++);
  const { name, classes, side, sigma } = model;
  const asked = { model: name, weights, device: torchDevice(device), precision, batch, classes, side, sigma };
  await torch.ask({ do: 'open', id, ...asked, benchmark: search });
  return {
    turn: async (seconds) => {
      const { samples, seconds: took } = await torch.ask({ do: 'sample', id, seconds });
      return { samplesPerSecond: Number(samples) / Number(took) };
    },
    close: async () => {
      await torch.ask({ do: 'close', id });
    },
  };
}

/** PyTorch's name of a device. */
export function torchDevice({ kind, id }: Device): string {
  return kind === 'cpu' ? 'cpu' : `${kind}:${id}`;
}
