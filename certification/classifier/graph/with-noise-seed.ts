import { GENERATOR } from './device-noise-prefix.ts';
import { addedPrefix } from './fuse-model.ts';
import { decodeModel, encodeModel } from './onnx.ts';

/**
 * A fused model whose generator has the given seed. Each process has one of its own (`deviceNoiseSeed`), which the process
 * that fuses doesn't know.
 *
 * @param fused from `fuseModel`, with device noise
 */
export function withNoiseSeed(fused: Uint8Array, value: number): Uint8Array {
  const model = decodeModel(fused);
  const generator = model.graph?.node.find(({ opType, name }) => opType === GENERATOR && name.startsWith(addedPrefix));
  const seed = generator?.attribute.find(({ name }) => name === 'seed');
  if (seed === undefined) throw new Error('The model was fused without device noise.');
  seed.f = value;
  return encodeModel(model);
}
