import { latticeTable } from '../../noise/lattice-table.ts';
import { addBatch } from './add-batch.ts';
import { LANES, type AsyncSession } from './async-session.ts';
import { createBusyClock } from './busy-clock.ts';
import type { DeviceModel } from './device-model.ts';
import type { CountReply, ModelSetup } from './model-process-messages.ts';
import { startNoiseRing } from './noise-ring.ts';
import { probeModel } from './probe-model.ts';

/** Batches that are drawn meanwhile. */
const AHEAD = 2;

interface Asked {
  readonly counts: Uint32Array[];
  readonly batches: number;
  left: number;
  inferenceMs: number;
  readonly resolve: (reply: CountReply) => void;
  readonly reject: (error: Error) => void;
  failed: boolean;
}

/**
 * A model behind a ring of noise (noise-ring.ts): threads draw ahead of the device, which has one batch to compute and the next one
 * at hand, also from one request to the next.
 *
 * @param pin called with the memory of each batch before its first use.
 * @param threads that draw.
 */
export async function loadRingModel(
  setup: Omit<ModelSetup, 'fused'>,
  {
    session,
    runtime,
    card,
    pin,
    threads,
  }: {
    session: AsyncSession;
    runtime: string;
    card?: string;
    pin?: (memory: Int16Array | Int32Array) => void;
    threads: number;
  },
): Promise<DeviceModel & { close(): Promise<void> }> {
  const { batchSize, classes, elementType, shape } = setup;
  const dimensions = shape.reduce((product, side) => product * side, 1);
  const table = latticeTable(setup);
  const ring = await startNoiseRing({
    layout: { table, batchSize, dimensions, elementType },
    slots: LANES + AHEAD,
    threads,
  });
  const lattices = ring.slots.map((slot) => {
    pin?.(slot);
    return session.tensor(slot, [batchSize, ...shape]);
  });

  const logits = session.tensor(new Float32Array(batchSize * classes), [batchSize, classes]);
  const probe = await probeModel(setup, {
    table,
    lattice: ring.slots[0],
    run: async () => {
      await session.run({ lattice: lattices[0] }, { logits });
      return logits.data as Float32Array;
    },
  });

  const asked = new Map<number, Asked>();
  let requests = 0;
  const busySince = createBusyClock();
  const work = async () => {
    const topClasses = session.tensor(new Int32Array(batchSize), [batchSize]);
    for (;;) {
      const batch = await ring.next();
      const request = asked.get(batch.request);
      if (request === undefined)
        throw new Error(`A batch of request ${batch.request} was drawn, which is not under way.`);
      const started = performance.now();
      try {
        if (!request.failed) {
          await session.run({ lattice: lattices[batch.slot] }, { top_class: topClasses });
          addBatch(request.counts, batch.parts, topClasses.data);
        }
      } catch (error) {
        request.failed = true;
        request.reject(error instanceof Error ? error : new Error(String(error)));
      }
      request.inferenceMs += busySince(started);
      ring.release(batch);
      if (--request.left > 0) continue;
      asked.delete(batch.request);
      const { counts, batches, inferenceMs } = request;
      request.resolve({ counts, batches, inferenceMs });
    }
  };
  let failure: Error | undefined;
  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    for (const { reject } of asked.values()) reject(failure);
    asked.clear();
  };
  for (let lane = 0; lane < LANES; lane++) work().catch(fail);

  return {
    probe: { ...probe, runtime, ...(card !== undefined && { card }) },
    count: (request) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) throw failure;
        const id = requests++;
        const batches = ring.draw(id, request);
        const counts = request.segments.map(() => new Uint32Array(classes + 1));
        if (batches === 0) resolve({ counts, batches, inferenceMs: 0 });
        else asked.set(id, { counts, batches, left: batches, inferenceMs: 0, resolve, reject, failed: false });
      }),
    close: async () => {
      await ring.close();
      session.close();
    },
  };
}
