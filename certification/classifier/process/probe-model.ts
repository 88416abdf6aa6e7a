import { createHash } from 'node:crypto';
import type { LatticeTable } from '../../noise/lattice-table.ts';
import { createNoiseKernel } from '../../noise/noise-kernel.ts';
import { phases } from '../../noise/phases.ts';
import type { ModelSetup, ProbeReply } from './model-process-messages.ts';

/** The probe's noise is nobody's secret: its key is fixed, so that every machine draws the same batch. */
const PROBE_KEY = [0, 0] as const;

/**
 * Runs the probe batch (mid-grey plus noise, a sample a row), then two more that hold the same rows elsewhere: every
 * row the first one's input, and all rows in reverse. Batch-invariant means bit-equal logits in all three.
 *
 * @param table the law of the setup's noise.
 * @param lattice memory of one batch, written here.
 * @param run the logits of what the memory then holds, [batch, classes]; they may lie in the same memory each time.
 */
export async function probeModel(
  setup: Omit<ModelSetup, 'fused'>,
  { table, lattice, run }: { table: LatticeTable; lattice: Int16Array | Int32Array; run: () => Promise<Float32Array> },
): Promise<Omit<ProbeReply, 'runtime'>> {
  const { batchSize, classes, elementType, stepsPerUnit } = setup;
  const dimensions = lattice.length / batchSize;
  const kernel = await createNoiseKernel({ table, key: PROBE_KEY, dimensions, batchSize, elementType });
  const pixels = new Int16Array(dimensions).fill(stepsPerUnit === 255 ? 127 : 0);
  kernel.fill({ pixels, row: 0, count: batchSize, example: 0, firstSample: 0, phase: phases.probe });
  const logits = async (sampleAt: (row: number) => number) => {
    for (let row = 0; row < batchSize; row++) {
      const from = sampleAt(row) * dimensions;
      lattice.set(kernel.batch.subarray(from, from + dimensions), row * dimensions);
    }
    return copyOf(await run());
  };
  const reference = await logits((row) => row);
  const repeated = await logits(() => 0);
  const reversed = await logits((row) => batchSize - 1 - row);

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
  };
}

interface Logits {
  readonly values: Float32Array;
  readonly bits: Uint32Array;
}

/** A copy of float32 logits, and the same as integers, which compare bit by bit (NaN too). */
function copyOf(logits: Float32Array): Logits {
  const values = Float32Array.from(logits);
  return { values, bits: new Uint32Array(values.buffer) };
}
