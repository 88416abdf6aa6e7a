import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RequestInput } from '../../certification/records/request.ts';
import { linearModel } from '../models/linear-model.ts';
import { random } from '../models/random.ts';

const images = fileURLToPath(new URL('../datasets/files/image-folder/', import.meta.url));

/** Side of the images that the request asks for. */
export const IMAGE_SIDE = 12;
const CLASSES = 3;

/** A request of a few seconds' work over a copy of `datasets/files/image-folder` in `folder`, with a linear model. */
export function imageRequest(folder: string, more: Partial<RequestInput> = {}): RequestInput {
  const next = random(3);
  const size = 3 * IMAGE_SIDE * IMAGE_SIDE;
  const weights = Array.from({ length: CLASSES }, () => Float32Array.from({ length: size }, () => next() - 0.5));
  const model = join(folder, 'model.onnx');
  writeFileSync(model, linearModel({ shape: [3, IMAGE_SIDE, IMAGE_SIDE], weights, bias: [0, 0, 0] }));
  const dataset = join(folder, 'images');
  cpSync(images, dataset, { recursive: true });
  const sampling = { sigma: 0.25, n0: 20, n: 300, shardSize: 4, seed: 'images' };
  return { model, dataset, resize: 16, crop: IMAGE_SIDE, ...sampling, out: folder, run: 'r', ...more };
}

/** Cuts an image file off in the middle. */
export function damage(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
}
