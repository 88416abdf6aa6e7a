import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AsyncSession, BoundTensor, NamedTensors } from '../../certification/classifier/process/async-session.ts';
import { loadBindingModel } from '../../certification/classifier/process/binding-model.ts';
import { openOrtSession } from '../../certification/classifier/process/cuda/ort-session.ts';
import type { DeviceModel } from '../../certification/classifier/process/device-model.ts';
import type {
  CountReply,
  CountRequest,
  ModelSetup,
  Segment,
} from '../../certification/classifier/process/model-process-messages.ts';
import { loadRingModel } from '../../certification/classifier/process/ring-model.ts';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import { latticeNoise } from '../../certification/noise/lattice-noise.ts';
import { phases } from '../../certification/noise/phases.ts';
import { coinFlipModel } from '../models/coin-flip-model.ts';
import { modelSetup } from '../models/model-setup.ts';

const SHAPE = [3, 32, 32];
const DIMENSIONS = 3 * 32 * 32;
const BATCH_SIZE = 64;

/** Its class is the parity of the whole noisy example: one wrong value anywhere shows in every other sample. */
const setup = modelSetup(coinFlipModel({ shape: SHAPE }), { batchSize: BATCH_SIZE, sigma: 0.25 });

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function ringModel(session: AsyncSession, of: ModelSetup = setup) {
  const model = await loadRingModel(of, { session, runtime: 'test', threads: 2 });
  closing.push(() => model.close());
  return model;
}

function segment(example: number, from: number, to: number): Segment {
  const pixels = Uint8Array.from({ length: DIMENSIONS }, (_, at) => (at * (example + 7)) % 256);
  return { example, pixels, from, to };
}

function request(
  segments: Segment[],
  { mixed = true, key = [11, 12] }: { mixed?: boolean; key?: CountRequest['key'] } = {},
): CountRequest {
  return { key, phase: phases.estimation, mixed, segments };
}

const countsOf = ({ counts }: CountReply) => counts.map((some) => [...some]);

describe('a model behind a ring of noise', () => {
  it("counts as the runtime's own binding does, mixed and unmixed, under one key and another", async () => {
    const ring = await ringModel(openOrtSession(setup.fused, { threads: 1 }));
    const binding = await loadBindingModel(setup);
    const requests = [
      request([segment(0, 0, 1000), segment(1, 500, 777), segment(2, 3, 4)]),
      request([segment(0, 64, 300), segment(1, 0, 65)], { mixed: false }),
      request([segment(0, 0, 1000)], { key: [11, 13] }),
      request([]),
    ];
    const together = await Promise.all(requests.map((asked) => ring.count(asked)));
    for (const [at, asked] of requests.entries()) {
      const expected = await binding.count(asked);
      expect(countsOf(together[at])).toEqual(countsOf(expected));
      expect(together[at].batches).toBe(expected.batches);
    }
    expect(ring.probe).toEqual({ ...binding.probe, runtime: 'test' });
  });

  it('lets nobody write into a batch that the device reads', async () => {
    const device = fakeDevice({ msPerBatch: 3 });
    const ring = await ringModel(device.session);
    const [long, short] = [request([segment(5, 0, 60 * BATCH_SIZE)]), request([segment(6, 0, 10 * BATCH_SIZE)])];
    const replies = await Promise.all([ring.count(long), ring.count(short)]);
    expect(device.changedWhileRead()).toBe(0);
    const binding = await loadBindingModel(setup);
    expect(replies.map(countsOf)).toEqual([countsOf(await binding.count(long)), countsOf(await binding.count(short))]);
  });

  it('keeps a device that is slower than the noise from waiting, also from one request to the next', async () => {
    const device = fakeDevice({ msPerBatch: 25, uploadMs: 5 });
    const ring = await ringModel(device.session);
    await ring.count(request([segment(0, 0, 8 * BATCH_SIZE)]));
    device.restart();
    const asked = Array.from({ length: 6 }, (_, at) => request([segment(at, 0, 15 * BATCH_SIZE)]));
    // Two at a time, as a pool asks.
    const ask = async () => {
      for (let next = asked.shift(); next !== undefined; next = asked.shift()) await ring.count(next);
    };
    await Promise.all([ask(), ask()]);
    expect(device.idleShare()).toBeLessThan(0.03);
  });

  it('says how long the device had a batch, and counts no time twice', async () => {
    const device = fakeDevice({ msPerBatch: 20 });
    const ring = await ringModel(device.session);
    const replies = await Promise.all([0, 1].map((at) => ring.count(request([segment(at, 0, 10 * BATCH_SIZE)]))));
    const spent = replies.reduce((sum, { inferenceMs }) => sum + inferenceMs, 0);
    expect(spent).toBeGreaterThanOrEqual(device.busyMs());
    expect(spent).toBeLessThan(1.5 * device.busyMs());
  });

  it("fills an unmixed batch with the example's own next samples", async () => {
    const device = fakeDevice({ msPerBatch: 1 });
    const ring = await ringModel(device.session);
    await ring.count(request([segment(3, 64, 70)], { mixed: false }));
    const table = latticeGaussian({ sigma: setup.sigma, stepsPerUnit: setup.stepsPerUnit });
    const law = { table, key: [11, 12] as const, dimensions: DIMENSIONS };
    const { pixels } = segment(3, 0, 0);
    const row = 63;
    const noise = latticeNoise({ ...law, example: 3, sample: 64 + row, phase: phases.estimation });
    const seen = device.lastBatch().subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
    expect([...seen]).toEqual([...noise].map((value, at) => value + pixels[at]));
  });

  it('fails the request whose run fails, and goes on with the others', async () => {
    const device = fakeDevice({ msPerBatch: 1 });
    const ring = await ringModel(device.session);
    device.failNext('CUDA failure 700: an illegal memory access was encountered');
    const [failed, whole] = await Promise.allSettled([
      ring.count(request([segment(0, 0, 5 * BATCH_SIZE)])),
      ring.count(request([segment(1, 0, 5 * BATCH_SIZE)])),
    ]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/700/) as string } });
    expect(whole.status).toBe('fulfilled');
  });

  it('fails what it was asked where noise cannot be drawn, and what it is asked then', async () => {
    const ring: DeviceModel = await ringModel(fakeDevice({ msPerBatch: 1 }).session);
    const pixels = new Int32Array(DIMENSIONS).fill(40_000);
    const bad = request([{ example: 0, pixels, from: 0, to: 100 }]);
    await expect(ring.count(bad)).rejects.toThrow(
      /^The noise could not be drawn: Pixel 40000 with noise up to \d+ does not fit int16\.$/,
    );
    await expect(ring.count(request([segment(0, 0, 10)]))).rejects.toThrow('The noise could not be drawn');
  });
});

/**
 * A device that takes a set time for each batch, one after another, as a GPU does, while uploads go on beside it; it computes what the coin-flip model
 * does, and looks whether its input stayed as it was.
 */
function fakeDevice({ msPerBatch, uploadMs = 0 }: { msPerBatch: number; uploadMs?: number }) {
  let [changed, idle, started, free, busy] = [0, 0, 0, 0, 0];
  let last = new Int16Array();
  let failure: string | undefined;
  let stream: Promise<void> = Promise.resolve();
  const sums = (lattice: BoundTensor) => {
    const data = lattice.data as Int16Array;
    return Array.from({ length: BATCH_SIZE }, (_, row) => {
      let sum = 0;
      for (let at = 0; at < 2 ** 11; at++) sum += data[row * DIMENSIONS + at];
      return sum;
    });
  };
  const compute = async (lattice: BoundTensor, to: BoundTensor) => {
    const now = performance.now();
    if (free > 0) idle += now - free;
    else started = now;
    const before = sums(lattice);
    await wait(Math.max(0, msPerBatch - (performance.now() - now)));
    if (sums(lattice).some((sum, row) => sum !== before[row])) changed++;
    last = Int16Array.from(lattice.data);
    before.forEach((sum, row) => (to.data[row] = ((sum % 2) + 2) % 2));
    free = performance.now();
    busy += free - now;
  };
  const session: AsyncSession = {
    tensor: (data) => ({ data, handle: undefined }),
    run: async ({ lattice }, { logits, top_class: to }: Partial<NamedTensors>) => {
      if (logits !== undefined || to === undefined) return;
      if (failure !== undefined) {
        const message = failure;
        failure = undefined;
        throw new Error(message);
      }
      if (uploadMs > 0) await wait(uploadMs);
      const run = stream.then(() => compute(lattice, to));
      stream = run;
      await run;
    },
    close: () => undefined,
  };
  return {
    session,
    changedWhileRead: () => changed,
    restart: () => ([idle, free] = [0, 0]),
    busyMs: () => busy,
    lastBatch: () => last,
    idleShare: () => idle / (free - started),
    failNext: (message: string) => (failure = message),
  };
}
