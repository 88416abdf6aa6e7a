/**
 * The process that holds the model. `session.run` blocks its thread, and a fault of the runtime ends its process, so
 * both happen here and not where heartbeats are sent. Speaks model-process-messages.ts over the IPC channel.
 */
import { createHash, randomBytes } from 'node:crypto';
import { InferenceSession, Tensor, env } from 'onnxruntime-node';
import { deviceNoiseSeed } from '../noise/device-noise-seed.ts';
import { latticeGaussian, type LatticeGaussian } from '../noise/lattice-gaussian.ts';
import { createNoiseKernel, type NoiseKernel } from '../noise/noise-kernel.ts';
import { phases } from '../noise/phases.ts';
import { deviceNoiseCounter, type RunDeviceBatch } from './draw-device-noise.ts';
import type {
  CountReply,
  CountRequest,
  ModelSetup,
  ProbeReply,
  ReplyMessage,
  RequestMessage,
} from './model-process-messages.ts';
import { sessionOptions } from './session-options.ts';
import { planBatches } from './plan-batches.ts';
import { withNoiseSeed } from './with-noise-seed.ts';

/** The probe's noise is nobody's secret: its key is fixed, so that every machine draws the same batch. */
const PROBE_KEY = [0, 0] as const;

interface LoadedModel {
  readonly setup: ModelSetup;
  readonly session: InferenceSession;
  readonly table: LatticeGaussian;
  readonly dimensions: number;
  /** There where the model draws the noise itself. */
  readonly countDeviceNoise?: ReturnType<typeof deviceNoiseCounter> | undefined;
}

/** How the runtime says that it is the machine, not the model. */
const NO_CUDA = /AppendExecutionProvider_Cuda|CUDA failure/;

/** The runtime's own objection to a model. */
class RefusedModel extends Error {}

let model: LoadedModel | undefined;
let keyed: { key: readonly [number, number]; kernel: NoiseKernel; lattice: Tensor } | undefined;

async function setUp(setup: ModelSetup): Promise<ProbeReply> {
  const session = await InferenceSession.create(seeded(setup), sessionOptions(setup)).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    if (NO_CUDA.test(reason)) {
      throw new Error(
        `ONNX Runtime can't use CUDA (${reason}). It needs an NVIDIA GPU with its driver, CUDA 12, cuDNN 9, and its own CUDA provider, which the image sampler-cuda has (docs/deploy.md).`,
      );
    }
    throw new RefusedModel(`ONNX Runtime refuses the model: ${reason}`);
  });
  const dimensions = setup.shape.reduce((product, side) => product * side, 1);
  const table = latticeGaussian({ sigma: setup.sigma, stepsPerUnit: setup.stepsPerUnit });
  const countDeviceNoise = setup.deviceNoise && deviceNoiseCounter({ setup, run: deviceBatches(setup, session) });
  model = { setup, session, table, dimensions, countDeviceNoise };
  keyed = undefined;
  return probe(model);
}

/** The model with this process's own seed, where it draws the noise itself. */
function seeded({ fused, deviceNoise }: ModelSetup): Uint8Array {
  if (deviceNoise === undefined) return fused;
  return withNoiseSeed(fused, deviceNoiseSeed({ key: deviceNoise.key, nonce: randomBytes(32) }));
}

function deviceBatches({ shape }: ModelSetup, session: InferenceSession): RunDeviceBatch {
  return async ({ lattice, noiseScale }) => {
    const dims = [1, ...shape];
    const example =
      lattice instanceof Int16Array ? new Tensor('int16', lattice, dims) : new Tensor('int32', lattice, dims);
    const feeds = { lattice: example, ...scaleFeed(noiseScale) };
    const { top_class: topClass, noise_head: noiseHead } = await session.run(feeds, ['top_class', 'noise_head']);
    return { topClass: topClass.data as Int32Array, noiseHead: noiseHead.data as Float32Array };
  };
}

function scaleFeed(noiseScale: number) {
  return { noise_scale: new Tensor('float32', Float32Array.of(noiseScale), []) };
}

async function keyedKernel({ setup, table, dimensions }: LoadedModel, key: readonly [number, number]) {
  if (keyed?.key[0] !== key[0] || keyed.key[1] !== key[1]) {
    const { batchSize, elementType, shape } = setup;
    const kernel = await createNoiseKernel({ table, key: [key[0], key[1]], dimensions, batchSize, elementType });
    const dims = [batchSize, ...shape];
    const lattice =
      kernel.batch instanceof Int16Array
        ? new Tensor('int16', kernel.batch, dims)
        : new Tensor('int32', kernel.batch, dims);
    keyed = { key, kernel, lattice };
  }
  return keyed;
}

/**
 * Runs the probe batch (mid-grey plus noise, a sample a row), then two more that hold the same rows elsewhere: every
 * row the first one's input, and all rows in reverse. Batch-invariant means bit-equal logits in all three.
 */
async function probe(loaded: LoadedModel): Promise<ProbeReply> {
  const { setup, session, dimensions } = loaded;
  const { kernel, lattice } = await keyedKernel(loaded, PROBE_KEY);
  const pixels = new Int16Array(dimensions).fill(setup.stepsPerUnit === 255 ? 127 : 0);
  const rows = (order: (row: number) => number) => {
    for (let row = 0; row < setup.batchSize; row++) {
      kernel.fill({ pixels, row, count: 1, example: 0, firstSample: order(row), phase: phases.probe });
    }
  };
  // The probe batch has noise of its own, the same everywhere.
  const feeds = { lattice, ...(setup.deviceNoise && scaleFeed(0)) };
  const logits = async () => copyOf((await session.run(feeds, ['logits'])).logits);

  rows((row) => row);
  const reference = await logits();
  rows(() => 0);
  const repeated = await logits();
  rows((row) => setup.batchSize - 1 - row);
  const reversed = await logits();

  const { batchSize, classes } = setup;
  let batchInvariant = true;
  let [largest, difference] = [0, 0];
  const compare = (at: number, elsewhere: number, others: Logits) => {
    if (others.bits[elsewhere] === reference.bits[at]) return;
    batchInvariant = false;
    difference = Math.max(difference, Math.abs(others.values[elsewhere] - reference.values[at]));
  };
  for (let row = 0; row < batchSize; row++) {
    for (let k = 0; k < classes; k++) {
      const at = row * classes + k;
      largest = Math.max(largest, Math.abs(reference.values[at]));
      compare(k, at, repeated);
      compare(at, (batchSize - 1 - row) * classes + k, reversed);
    }
  }
  return {
    probe: createHash('sha256').update(new Uint8Array(reference.bits.buffer)).digest('hex'),
    batchInvariant,
    batchDifference: difference === 0 ? 0 : difference / largest,
    runtime: `onnxruntime-node ${env.versions.node ?? env.versions.common}`,
  };
}

interface Logits {
  readonly values: Float32Array;
  readonly bits: Uint32Array;
}

/** A copy of float32 logits, and the same as integers, which compare bit by bit (NaN too). */
function copyOf(tensor: Tensor): Logits {
  const values = Float32Array.from(tensor.data as Float32Array);
  return { values, bits: new Uint32Array(values.buffer) };
}

async function count(loaded: LoadedModel, { key, phase, segments, mixed }: CountRequest): Promise<CountReply> {
  const { setup, session } = loaded;
  const { kernel, lattice } = await keyedKernel(loaded, key);
  const counts = segments.map(() => new Uint32Array(setup.classes + 1));
  let inferenceMs = 0;
  const batches = planBatches({ segments, batchSize: setup.batchSize, mixed });
  for (const batch of batches) {
    for (const { segment, row, from, count: samples } of batch) {
      const { example, pixels } = segments[segment];
      // An unmixed batch is drawn whole by its first part: it is all one example's.
      if (!mixed && row > 0) continue;
      const drawn = mixed ? samples : setup.batchSize;
      kernel.fill({ pixels, row, count: drawn, example, firstSample: from, phase });
    }
    const started = performance.now();
    const { top_class: topClass } = await session.run({ lattice }, ['top_class']);
    inferenceMs += performance.now() - started;
    const classes = topClass.data as Int32Array;
    for (const { segment, row, count: samples } of batch) {
      const tally = counts[segment];
      for (let at = row; at < row + samples; at++) tally[classes[at] < 0 ? setup.classes : classes[at]]++;
    }
  }
  return { counts, batches: batches.length, inferenceMs };
}

async function answer(message: RequestMessage): Promise<ProbeReply | CountReply> {
  if (message.type === 'setup') return setUp(message.setup);
  if (model === undefined) throw new Error('The model process was asked for counts before it had a model.');
  return model.countDeviceNoise?.(message.request) ?? count(model, message.request);
}

/** One request at a time: they share one batch of memory. */
let turn: Promise<void> = Promise.resolve();

process.on('message', (message: RequestMessage) => {
  turn = turn.then(() =>
    answer(message).then(
      (value) => {
        reply({ id: message.id, ok: true, value });
      },
      (error: unknown) => {
        const code = error instanceof RefusedModel ? 'InvalidModel' : 'ModelProcessFailed';
        reply({ id: message.id, ok: false, code, message: error instanceof Error ? error.message : String(error) });
      },
    ),
  );
});
// Without its parent it has nobody to answer.
process.on('disconnect', () => process.exit(0));
// An interrupt at the terminal reaches the whole group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

function reply(message: ReplyMessage) {
  process.send?.(message);
}
