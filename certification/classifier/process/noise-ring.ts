import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import type * as Built from '../../../bin/built.js';
import type { LatticeElementType } from '../../noise/lattice-element-type.ts';
import type { CountRequest } from './model-process-messages.ts';
import {
  controlWords,
  type NoiseLayout,
  type SharedRing,
  type ThreadMessage,
  type ThreadReply,
} from './noise-thread.ts';
import { planBatches, type BatchPart } from './plan-batches.ts';

/** A batch of a request, drawn and lying in a slot of the ring until it is released. */
export interface DrawnBatch {
  readonly request: number;
  readonly parts: readonly BatchPart[];
  readonly slot: number;
  /** Its place among all batches that the ring ever drew. */
  readonly position: number;
}

/** Threads that draw the noise of batches into shared memory, ahead of a device that reads them there. */
export interface NoiseRing {
  /** The batches' places; one's content stays as it is from when `next` gives it until `release`. */
  readonly slots: readonly (Int16Array | Int32Array)[];
  /** Has a request's batches drawn, behind those asked for before. Returns how many they are. */
  draw(request: number, asked: CountRequest): number;
  /**
   * The next batch, in order, when it is drawn. Called again before the last one is there, it waits for the one after it.
   *
   * @throws Error where a thread failed: the ring is then of no more use.
   */
  next(): Promise<DrawnBatch>;
  /** Gives a batch's slot back. */
  release(batch: DrawnBatch): void;
  close(): Promise<void>;
}

/**
 * Starts the threads of a ring.
 *
 * @param layout what is drawn: the law of the noise, and the shape of a batch.
 * @param slots batches in memory at a time: those that the device reads, and those that are drawn meanwhile; ≥ 2.
 * @param threads that draw, ≥ 1.
 */
export async function startNoiseRing({
  layout,
  slots: slotCount,
  threads,
}: {
  layout: NoiseLayout;
  slots: number;
  threads: number;
}): Promise<NoiseRing> {
  const { batchSize, dimensions, elementType } = layout;
  const slots = Array.from({ length: slotCount }, () => sharedArray(elementType, batchSize * dimensions));
  const control = sharedWords(controlWords(slotCount));
  for (let slot = 0; slot < slotCount; slot++) control[slot] = slot;

  let failure: Error | undefined;
  let [planned, taken] = [0, 0];
  const batches = new Map<number, Omit<DrawnBatch, 'slot' | 'position'>>();
  const drawn = new Set<number>();
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };

  const { main, eval: isCode } = await toRun();
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(main, {
      eval: isCode,
      workerData: { layout, slots, control } satisfies SharedRing,
    });
    worker.on('message', (reply: ThreadReply) => {
      if ('error' in reply) {
        fail(new Error(`The noise could not be drawn: ${reply.error}`));
        return;
      }
      drawn.add(reply.drawn);
      waiting.get(reply.drawn)?.resolve();
      waiting.delete(reply.drawn);
    });
    worker.on('error', fail);
    return worker;
  });

  return {
    slots,
    draw: (request, asked) => {
      const first = planned;
      const plan = planBatches({ segments: asked.segments, batchSize, mixed: asked.mixed });
      for (const parts of plan) batches.set(planned++, { request, parts });
      const message: ThreadMessage = { first, asked, taken: sharedWords(1) };
      for (const worker of workers) worker.postMessage(message);
      return plan.length;
    },
    next: async () => {
      const position = taken++;
      if (failure !== undefined) throw failure;
      if (!drawn.has(position)) {
        await new Promise<void>((resolve, reject) => waiting.set(position, { resolve, reject }));
      }
      drawn.delete(position);
      const batch = batches.get(position);
      batches.delete(position);
      if (batch === undefined) throw new Error(`Batch ${position} was drawn, but nobody asked for it.`);
      return { ...batch, position, slot: position % slotCount };
    },
    release: ({ slot, position }) => {
      Atomics.store(control, slot, (position + slotCount) | 0);
      Atomics.notify(control, slot);
    },
    close: async () => {
      fail(new Error('The ring is closed.'));
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function sharedArray(elementType: LatticeElementType, length: number): Int16Array | Int32Array {
  if (elementType === 'int32') return sharedWords(length);
  return new Int16Array(new SharedArrayBuffer(Int16Array.BYTES_PER_ELEMENT * length));
}

function sharedWords(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * length));
}

async function toRun(): Promise<{ main: string; eval: boolean }> {
  if (import.meta.url.endsWith('.js'))
    return { main: fileURLToPath(new URL('./noise-thread-main.js', import.meta.url)), eval: false };
  const built = (await import(new URL('../../../bin/built.js', import.meta.url).href)) as typeof Built;
  return built.toRunInThread('certification/classifier/process/noise-thread-main.ts');
}
