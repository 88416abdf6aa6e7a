import { Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { narrowestLattice } from '../../certification/narrowest-lattice.ts';
import { cpu, type Device } from '../../certification/records/device.ts';
import { fuseModel } from '../../certification/classifier/graph/fuse-model.ts';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { random } from '../models/random.ts';
import { runModel } from '../models/run-model.ts';

type FuseOptions = Partial<Omit<Parameters<typeof fuseModel>[1], 'description' | 'batchSize'>> & { device?: Device };

/** Fuses a model and runs it on a batch of lattices, one array an example. */
export async function runFused(
  bytes: Uint8Array,
  rows: number[][],
  { device = cpu, ...options }: FuseOptions = {},
): Promise<{ topClass: number[]; logits: number[][] }> {
  const description = inspectModel(bytes);
  const { elementType = narrowestLattice(device.kind) } = options;
  const fused = fuseModel(bytes, {
    stepsPerUnit: 255,
    ...options,
    description,
    elementType,
    batchSize: rows.length,
  });
  const values = rows.flat();
  const dims = [rows.length, ...description.shape];
  const lattice =
    elementType === 'int16'
      ? new Tensor('int16', Int16Array.from(values), dims)
      : new Tensor('int32', Int32Array.from(values), dims);
  const outputs = await runModel(fused, { lattice }, device);
  const topClass = outputs.top_class;
  expect(topClass).toMatchObject({ type: 'int32', dims: [rows.length] });
  const { classes } = description;
  return { topClass: [...(topClass.data as Int32Array)], logits: inRows(outputs.logits, classes) };
}

export function inRows(tensor: Tensor | undefined, length: number): number[][] {
  const data = tensor?.data as Float32Array;
  return Array.from({ length: data.length / length }, (_, row) => [...data.subarray(row * length, (row + 1) * length)]);
}

/** The lowest index among the largest values, −1 where one is NaN. */
export function topClassOf(logits: number[]): number {
  return logits.some(Number.isNaN) ? -1 : logits.indexOf(Math.max(...logits));
}

export function randomLattice(rows: number, length: number, seed = 1): number[][] {
  const uniform = random(seed);
  return Array.from({ length: rows }, () => Array.from({ length }, () => Math.floor(855 * uniform()) - 300));
}
