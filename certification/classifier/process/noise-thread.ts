import type { LatticeElementType } from '../../noise/lattice-element-type.ts';
import type { LatticeTable } from '../../noise/lattice-table.ts';
import { keyedKernels } from './keyed-kernels.ts';
import type { CountRequest } from './model-process-messages.ts';
import { partsToDraw, planBatches } from './plan-batches.ts';

/** What a ring's threads draw. */
export interface NoiseLayout {
  readonly batchSize: number;
  /** Values of one sample. */
  readonly dimensions: number;
  readonly elementType: LatticeElementType;
  readonly table: LatticeTable;
}

/** The memory that a ring shares with its threads. */
export interface SharedRing {
  readonly layout: NoiseLayout;
  readonly slots: readonly (Int16Array | Int32Array)[];
  /** See `controlWords`. */
  readonly control: Int32Array;
}

export interface ThreadMessage {
  readonly asked: CountRequest;
  /** The position of the request's first batch among all. */
  readonly first: number;
  /** One shared word: how many of the request's units are taken. */
  readonly taken: Int32Array;
}

export type ThreadReply = { readonly drawn: number } | { readonly error: string };

/** The words by which threads agree: for each slot the position of the batch that may be written there, then for each slot how many of its batch's rows are drawn. */
export function controlWords(slots: number): number {
  return 2 * slots;
}

/** Values drawn at a time: long beside the taking of a unit, short beside a batch, and within a core's cache. */
const UNIT_VALUES = 2 ** 17;

interface Unit {
  readonly batch: number;
  readonly segment: number;
  readonly row: number;
  readonly from: number;
  readonly count: number;
}

/**
 * Draws a thread's share of a request's batches: it takes the next unit that no thread has taken until there is none. It waits
 * where a slot still holds a batch that is being read.
 *
 * @param report called with the position of each batch whose last unit was drawn here.
 */
export function createNoiseThread({ layout, slots, control }: SharedRing, report: (drawn: number) => void) {
  const { table, batchSize, dimensions, elementType } = layout;
  const unitRows = Math.max(1, Math.min(batchSize, Math.floor(UNIT_VALUES / dimensions)));
  const kernelOf = keyedKernels({ table, dimensions, batchSize: unitRows, elementType });

  return async ({ first, taken, asked: { key, phase, segments, mixed } }: ThreadMessage): Promise<void> => {
    const kernel = await kernelOf(key);
    const units: Unit[] = [];
    const rowsOf = planBatches({ segments, batchSize, mixed }).map((parts, batch) => {
      const drawnParts = partsToDraw(parts, { batchSize, mixed });
      for (const { segment, row, from, count } of drawnParts) {
        for (let at = 0; at < count; at += unitRows) {
          units.push({ batch, segment, row: row + at, from: from + at, count: Math.min(unitRows, count - at) });
        }
      }
      return drawnParts.reduce((sum, { count }) => sum + count, 0);
    });
    for (let at = Atomics.add(taken, 0, 1); at < units.length; at = Atomics.add(taken, 0, 1)) {
      const { batch, segment, row, from, count } = units[at];
      const position = first + batch;
      const slot = position % slots.length;
      waitFor(control, slot, position);
      const { example, pixels } = segments[segment];
      kernel.fill({ pixels, row: 0, count, example, firstSample: from, phase });
      const drawn = kernel.batch.subarray(0, count * dimensions);
      slots[slot].set(drawn, row * dimensions);
      const rows = slots.length + slot;
      if (Atomics.add(control, rows, count) + count < rowsOf[batch]) continue;
      Atomics.store(control, rows, 0);
      report(position);
    }
  };
}

/** Waits until the slot may take the batch at a position; positions go on beyond the words' 32 bits. */
function waitFor(control: Int32Array, slot: number, position: number): void {
  for (let allowed = Atomics.load(control, slot); allowed !== (position | 0); allowed = Atomics.load(control, slot)) {
    Atomics.wait(control, slot, allowed);
  }
}
