import { elementLimits } from './lattice-element-type.ts';
import type { LatticeElementType } from './lattice-element-type.ts';
import type { LatticeTable } from './lattice-table.ts';
import { loadKernel } from './load-kernel.ts';
import type { KernelExports } from './load-kernel.ts';
import type { PhiloxKey } from './philox4x32.ts';
import { webAssembly } from './web-assembly.ts';
import type { WasmMemory } from './web-assembly.ts';

export type LatticePixels = Int32Array | Int16Array | Uint8Array;

export interface NoiseSegment {
  /** The example's lattice point, `dimensions` long. Copied only when it is another array object than in the last call. */
  pixels: LatticePixels;
  /** First row of the batch to write. */
  row: number;
  /** Rows to write. */
  count: number;
  /** Index of the example in the dataset, 0 to 2³²−1. */
  example: number;
  /** Index of the first row's sample; `firstSample + count ≤ 2³²`. */
  firstSample: number;
  /** What the samples are for (phases.ts), below 2³¹. */
  phase: number;
}

export interface NoiseKernel {
  /** `batchSize × dimensions` lattice points, row by row, at an address that never changes. */
  readonly batch: Int16Array | Int32Array;
  /**
   * Writes pixels + noise for samples `firstSample …` into rows `row …` of the batch.
   *
   * @throws RangeError when an index is out of range, or pixel + noise might not fit the element type
   */
  readonly fill: (segment: NoiseSegment) => void;
}

const PAGE = 65536;
/** Pages of the kernel's fixed part, which ends at FREE. */
const FIXED_PAGES = 7;
/** Elements that the kernel works at a time: pixels are padded to this. */
const GROUP = 16;

/**
 * The fast form of `latticeNoise`: the same integers, added to pixels, in WebAssembly with SIMD. A row depends on its
 * example, sample and phase alone, not on how the batch is cut into segments.
 *
 * @param table from `latticeTable`
 * @param key from `noiseKey`
 * @param dimensions elements of an example, ≥ 1
 * @param batchSize rows of the batch, ≥ 1
 * @param elementType from `latticeElementType`
 * @throws RangeError when the batch does not fit WebAssembly's 4 GiB, Error when kernel.wasm was not built
 */
export async function createNoiseKernel({
  table,
  key,
  dimensions,
  batchSize,
  elementType,
}: {
  table: LatticeTable;
  key: PhiloxKey;
  dimensions: number;
  batchSize: number;
  elementType: LatticeElementType;
}): Promise<NoiseKernel> {
  requireInteger('dimensions', dimensions, 1, 0x7fffffff);
  requireInteger('batchSize', batchSize, 1, 0x7fffffff);
  const ElementArray = elementType === 'int16' ? Int16Array : Int32Array;
  const padded = Math.ceil(dimensions / GROUP) * GROUP;
  const bytes = (padded + batchSize * dimensions) * ElementArray.BYTES_PER_ELEMENT;
  const pages = FIXED_PAGES + Math.ceil(bytes / PAGE);
  if (pages > 65536) {
    throw new RangeError(
      `A batch of ${batchSize} rows of ${dimensions} ${elementType} elements does not fit 4 GiB: use a smaller batch.`,
    );
  }
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  const kernel = await loadKernel(memory);
  writeKey(memory, kernel, key);
  new Int16Array(memory.buffer, kernel.GUIDE.value, table.guide.length).set(table.guide);
  new Uint32Array(memory.buffer, kernel.UPPER.value, table.upper.length).set(table.upper);
  new Uint32Array(memory.buffer, kernel.LOWER.value, table.lower.length).set(table.lower);

  const pixelAddress = kernel.FREE.value;
  const batchAddress = pixelAddress + padded * ElementArray.BYTES_PER_ELEMENT;
  const pixelCopy = new ElementArray(memory.buffer, pixelAddress, dimensions);
  const batch = new ElementArray(memory.buffer, batchAddress, batchSize * dimensions);
  const write = elementType === 'int16' ? kernel.fillInt16 : kernel.fillInt32;
  const least = elementLimits[elementType].min - table.min;
  const largest = elementLimits[elementType].max - table.max;
  let copied: LatticePixels | undefined;

  function copyPixels(pixels: LatticePixels): void {
    if (pixels.length !== dimensions) {
      throw new RangeError(`An example has ${dimensions} elements, found ${pixels.length}.`);
    }
    for (const pixel of pixels) {
      if (pixel < least || pixel > largest) {
        throw new RangeError(`Pixel ${pixel} with noise up to ${table.max} does not fit ${elementType}.`);
      }
    }
    pixelCopy.set(pixels);
    copied = pixels;
  }

  return {
    batch,
    fill({ pixels, row, count, example, firstSample, phase }) {
      requireInteger('row', row, 0, batchSize);
      requireInteger('count', count, 0, batchSize - row);
      requireInteger('example', example, 0, 0xffffffff);
      requireInteger('firstSample', firstSample, 0, 0x100000000 - count);
      requireInteger('phase', phase, 0, 0x7fffffff);
      if (pixels !== copied) copyPixels(pixels);
      const rows = batchAddress + row * dimensions * ElementArray.BYTES_PER_ELEMENT;
      write(pixelAddress, rows, dimensions, count, table.min, table.upper.length, example, firstSample, phase);
    },
  };
}

/** The round keys as the kernel reads them: all as words, those of rounds 3 to 10 as vectors too. */
function writeKey(memory: WasmMemory, kernel: KernelExports, [k0, k1]: PhiloxKey): void {
  const words = new Uint32Array(memory.buffer, kernel.KEYS.value, 20);
  const vectors = new Uint32Array(memory.buffer, kernel.KEY_VECTORS.value, 64);
  for (let round = 0; round < 10; round++) {
    words[2 * round] = k0 + round * 0x9e3779b9;
    words[2 * round + 1] = k1 + round * 0xbb67ae85;
  }
  for (let i = 0; i < 64; i++) vectors[i] = words[4 + Math.floor(i / 4)];
}

function requireInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, found ${value}.`);
  }
}
