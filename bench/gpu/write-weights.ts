import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel } from '../../certification/classifier/graph/onnx.ts';

/**
 * Writes a model's float32 weights for `torch/networks.py`: weights.bin, one tensor after another, and weights.json, their
 * names and sizes in that order.
 */
export async function writeWeights(model: Uint8Array, folder: string): Promise<void> {
  const tensors = decodeModel(model).graph?.initializer ?? [];
  const listing = tensors.map(({ name, dims }) => ({ name, dims: dims.map(Number) }));
  await writeFile(join(folder, 'weights.bin'), Buffer.concat(tensors.map(({ rawData }) => rawData)));
  await writeFile(join(folder, 'weights.json'), JSON.stringify(listing));
}
