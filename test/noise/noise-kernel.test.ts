import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guideTable } from '../../certification/noise/guide-table.ts';
import { latticeGaussian } from '../../certification/noise/lattice-gaussian.ts';
import type { LatticeTable } from '../../certification/noise/lattice-table.ts';
import { latticeNoise } from '../../certification/noise/lattice-noise.ts';
import { createNoiseKernel } from '../../certification/noise/noise-kernel.ts';
import { phases } from '../../certification/noise/phases.ts';
import { philox4x32 } from '../../certification/noise/philox4x32.ts';
import type { PhiloxKey } from '../../certification/noise/philox4x32.ts';

const key: PhiloxKey = [0x2545f491, 0x9e3779b1];

/** Element e's 64-bit uniform, straight from its definition. */
function uniform(at: { key: PhiloxKey; e: number; sample: number; example: number; phase: number }): bigint {
  const half = (phase: number): bigint =>
    BigInt(philox4x32({ counter: [Math.floor(at.e / 4), at.sample, at.example, phase], key: at.key })[at.e % 4]);
  return (half(at.phase) << 32n) | half(at.phase + 2 ** 31);
}

/** Inversion of a 64-bit uniform by its definition. */
function invert(table: LatticeTable, u: bigint): number {
  let drawn = table.min;
  for (let i = 0; i < table.upper.length; i++) {
    if (((BigInt(table.upper[i]) << 32n) | BigInt(table.lower[i])) <= u) drawn++;
  }
  return drawn;
}

/** How many elements of two arrays differ: quicker on millions than a deep comparison. */
function differences(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = a.length === b.length ? 0 : 1;
  for (let i = 0; i < a.length; i++) count += Number(a[i] !== b[i]);
  return count;
}

const shapes = [
  { sigma: 0.25, dimensions: 784, samples: 2600, elementType: 'int16' },
  { sigma: 0.12, dimensions: 3072, samples: 500, elementType: 'int16' },
  { sigma: 1, dimensions: 3075, samples: 1000, elementType: 'int16' },
  { sigma: 0.5, dimensions: 1023, samples: 1500, elementType: 'int32' },
  { sigma: 1, dimensions: 150_528, samples: 10, elementType: 'int32' },
  { sigma: 2, dimensions: 1025, samples: 500, elementType: 'int16' },
  { sigma: 7, dimensions: 1041, samples: 500, elementType: 'int16' },
  { sigma: 0.01, dimensions: 17, samples: 2000, elementType: 'int16' },
  { sigma: 0.001, dimensions: 15, samples: 100, elementType: 'int32' },
  { sigma: 0.25, dimensions: 1, samples: 2000, elementType: 'int32' },
  { sigma: 0.25, dimensions: 5, samples: 2000, elementType: 'int16' },
  { sigma: 0.25, dimensions: 2048, samples: 100, elementType: 'int16' },
] as const;

test('the kernel gives the reference’s integers on more than ten million draws', async () => {
  let draws = 0;
  for (const [example, { sigma, dimensions, samples, elementType }] of shapes.entries()) {
    const table = latticeGaussian({ sigma, stepsPerUnit: 255 });
    const batchSize = Math.min(samples, 100);
    const kernel = await createNoiseKernel({ table, key, dimensions, batchSize, elementType });
    const pixels = Uint8Array.from({ length: dimensions }, (_, i) => (i * 37) % 256);
    const phase = phases.estimation;
    for (let firstSample = 0; firstSample < samples; firstSample += batchSize) {
      kernel.fill({ pixels, row: 0, count: batchSize, example, firstSample, phase });
      for (let row = 0; row < batchSize; row++) {
        const sample = firstSample + row;
        const noise = latticeNoise({ table, key, dimensions, example, sample, phase });
        const sums = noise.map((k, e) => k + pixels[e]);
        if (differences(kernel.batch.subarray(row * dimensions, (row + 1) * dimensions), sums) > 0) {
          expect.fail(`sigma ${sigma}, ${dimensions} dimensions, ${elementType}, sample ${sample} differs`);
        }
        draws += dimensions;
      }
    }
  }
  expect(draws).toBeGreaterThan(1e7);
});

test('kernel and reference agree at the ends of every counter word', async () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  const dimensions = 100;
  const pixels = new Uint8Array(dimensions);
  const ends = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff];
  for (const ownKey of [[0, 0], [0xffffffff, 0xffffffff], key] as const) {
    const kernel = await createNoiseKernel({ table, key: ownKey, dimensions, batchSize: 1, elementType: 'int16' });
    for (const example of ends) {
      for (const sample of ends) {
        for (const phase of [0, 1, 2, 0x7fffffff]) {
          kernel.fill({ pixels, row: 0, count: 1, example, firstSample: sample, phase });
          const noise = latticeNoise({ table, key: ownKey, dimensions, example, sample, phase });
          expect(differences(kernel.batch, noise)).toBe(0);
        }
      }
    }
  }
});

test('a word that equals a threshold’s upper half is settled by the refinement stream, to the last bit', async () => {
  // Thresholds made of the very uniforms to be drawn: each word meets its own threshold, off by −1, 0 or 1 in 64 bits.
  const at = { key, sample: 3, example: 11, phase: phases.selection };
  const dimensions = 600;
  const uniforms = Array.from({ length: dimensions }, (_, e) => uniform({ ...at, e }));
  const thresholds = uniforms.flatMap((u, e) => (e % 5 === 4 ? [u, u, u - 1n, u + 1n] : [u + BigInt((e % 5) - 1)]));
  thresholds.push(...thresholds.slice(thresholds.length - (thresholds.length % 2)));
  thresholds.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const upper = Uint32Array.from(thresholds, (t) => Number(t >> 32n));
  const table: LatticeTable = {
    min: -thresholds.length / 2,
    max: thresholds.length / 2,
    upper,
    lower: Uint32Array.from(thresholds, (t) => Number(t & 0xffffffffn)),
    guide: guideTable(upper),
  };
  const expected = uniforms.map((u) => invert(table, u));
  expect(Array.from(latticeNoise({ table, dimensions, ...at }))).toEqual(expected);
  for (const elementType of ['int16', 'int32'] as const) {
    const kernel = await createNoiseKernel({ table, key, dimensions, batchSize: 1, elementType });
    kernel.fill({ pixels: new Uint8Array(dimensions), row: 0, count: 1, firstSample: at.sample, ...at });
    expect(Array.from(kernel.batch)).toEqual(expected);
  }
});

// Found by search: these words of real noise equal the upper half of a threshold of sigma 1 (one word in a million does).
const refined = [
  { sample: 93, e: 1155 },
  { sample: 203, e: 1003 },
  { sample: 331, e: 3993 },
  { sample: 421, e: 665 },
  { sample: 853, e: 3325 },
  { sample: 979, e: 1554 },
  { sample: 1333, e: 1747 },
  { sample: 1951, e: 286 },
];

test.each(refined)(
  'sample $sample’s element $e, which needs the refinement stream, is drawn as defined',
  async (hit) => {
    const table = latticeGaussian({ sigma: 1, stepsPerUnit: 255 });
    const at = { key, sample: hit.sample, example: 9, phase: phases.estimation };
    const dimensions = hit.e + 1;
    const u = uniform({ ...at, e: hit.e });
    expect(table.upper).toContain(Number(u >> 32n));
    expect(latticeNoise({ table, dimensions, ...at })[hit.e]).toBe(invert(table, u));
    const kernel = await createNoiseKernel({ table, key, dimensions, batchSize: 1, elementType: 'int16' });
    kernel.fill({ pixels: new Uint8Array(dimensions), row: 0, count: 1, firstSample: hit.sample, ...at });
    expect(kernel.batch[hit.e]).toBe(invert(table, u));
  },
);

test('noise is the inversion of a 64-bit uniform', () => {
  const table = latticeGaussian({ sigma: 0.12, stepsPerUnit: 255 });
  const at = { key, sample: 5, example: 6, phase: phases.probe };
  const noise = latticeNoise({ table, dimensions: 2000, ...at });
  noise.forEach((k, e) => {
    expect(k).toBe(invert(table, uniform({ ...at, e })));
  });
});

test('a row depends on its example and sample alone, however the batch is cut and in whatever order', async () => {
  const table = latticeGaussian({ sigma: 0.5, stepsPerUnit: 255 });
  const dimensions = 1031;
  const batchSize = 24;
  for (const elementType of ['int16', 'int32'] as const) {
    const kernel = await createNoiseKernel({ table, key, dimensions, batchSize, elementType });
    const images = [0, 1, 2].map((i) => Int16Array.from({ length: dimensions }, (_, e) => (e * (i + 3)) % 256));
    const phase = phases.estimation;
    const segment = fc.record({
      example: fc.integer({ min: 0, max: 2 }),
      firstSample: fc.integer({ min: 0, max: 50 }),
      row: fc.integer({ min: 0, max: batchSize }),
      count: fc.integer({ min: 0, max: batchSize }),
    });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 12 }), (segments) => {
        kernel.batch.fill(12_345);
        const expected = kernel.batch.slice();
        for (const { example, firstSample, row, ...rest } of segments) {
          const count = Math.min(rest.count, batchSize - row);
          kernel.fill({ pixels: images[example], row, count, example, firstSample, phase });
          for (let i = 0; i < count; i++) {
            const sample = firstSample + i;
            const noise = latticeNoise({ table, key, dimensions, example, sample, phase });
            expected.set(
              noise.map((k, e) => k + images[example][e]),
              (row + i) * dimensions,
            );
          }
        }
        expect(differences(kernel.batch, expected)).toBe(0);
      }),
      { numRuns: 30, seed: 7 },
    );
  }
});

test('sums are never clipped: they leave [0, 255] on both sides, and reach far beyond 16 bits in int32', async () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  const dimensions = 4000;
  const draw = { row: 0, count: 1, example: 1, firstSample: 2, phase: phases.selection };
  const noise = latticeNoise({ table, key, dimensions, example: 1, sample: 2, phase: phases.selection });
  const narrow = await createNoiseKernel({ table, key, dimensions, batchSize: 1, elementType: 'int16' });
  narrow.fill({ pixels: new Uint8Array(dimensions).fill(250), ...draw });
  expect(Math.max(...narrow.batch)).toBe(250 + Math.max(...noise));
  expect(Math.max(...narrow.batch)).toBeGreaterThan(255);
  const wide = await createNoiseKernel({ table, key, dimensions, batchSize: 1, elementType: 'int32' });
  wide.fill({ pixels: new Int32Array(dimensions).fill(-2_000_000_000), ...draw });
  expect(Array.from(wide.batch)).toEqual(Array.from(noise, (k) => k - 2_000_000_000));
});

test('the batch stays where it is, and its memory never grows', async () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  const kernel = await createNoiseKernel({ table, key, dimensions: 3072, batchSize: 64, elementType: 'int16' });
  const { buffer, byteOffset } = kernel.batch;
  const size = buffer.byteLength;
  for (let firstSample = 0; firstSample < 640; firstSample += 64) {
    kernel.fill({ pixels: new Uint8Array(3072), row: 0, count: 64, example: 0, firstSample, phase: 0 });
  }
  expect(kernel.batch.buffer).toBe(buffer);
  expect({ size: buffer.byteLength, byteOffset: kernel.batch.byteOffset }).toEqual({ size, byteOffset });
});

test('a segment out of range, or pixels that might overflow, are refused and write nothing', async () => {
  const table = latticeGaussian({ sigma: 0.25, stepsPerUnit: 255 });
  const kernel = await createNoiseKernel({ table, key, dimensions: 8, batchSize: 4, elementType: 'int16' });
  const good = { pixels: new Int32Array(8), row: 0, count: 4, example: 0, firstSample: 0, phase: 0 };
  const room = 0x7fff - table.max;
  const bad = [
    { row: 1 },
    { row: -1, count: 1 },
    { count: 5 },
    { count: 1.5 },
    { example: 2 ** 32 },
    { firstSample: 2 ** 32 - 3 },
    { firstSample: NaN },
    { phase: 2 ** 31 },
    { pixels: new Int32Array(7) },
    { pixels: new Int32Array(8).fill(room + 1) },
    { pixels: new Int32Array(8).fill(-room - 2) },
  ];
  for (const change of bad)
    expect(() => {
      kernel.fill({ ...good, ...change });
    }).toThrow(RangeError);
  expect(Array.from(kernel.batch)).toEqual(new Array(32).fill(0));
  for (const pixel of [room, -room - 1]) kernel.fill({ ...good, pixels: new Int32Array(8).fill(pixel) });
  const huge = { table, key, dimensions: 150_528, batchSize: 100_000, elementType: 'int32' } as const;
  await expect(createNoiseKernel(huge)).rejects.toThrow(/4 GiB/);
});
