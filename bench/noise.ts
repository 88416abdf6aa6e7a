import { latticeGaussian } from '../certification/noise/lattice-gaussian.ts';
import { createNoiseKernel } from '../certification/noise/noise-kernel.ts';
import { phases } from '../certification/noise/phases.ts';

const sigmas = [0.12, 0.25, 0.5, 1];
const shapes = [
  { name: '28×28', dimensions: 784 },
  { name: '3×32×32', dimensions: 3072 },
  { name: '3×224×224', dimensions: 150_528 },
];
/** Normals in one timed run: long enough for the clock, short enough to fall between other processes' turns. */
const NORMALS = 400_000;
const RUNS = 200;

/** Prints the kernel's time a normal on one core: the fastest of many short runs, which other load disturbs least. */
export async function benchNoise(): Promise<void> {
  console.log('exact noise, ns per normal on one core (fill: Philox, inversion, sum with the pixels)');
  for (const elementType of ['int16', 'int32'] as const) {
    for (const { name, dimensions } of shapes) {
      const times: string[] = [];
      for (const sigma of sigmas) {
        const time = await nanosecondsPerNormal({ sigma, dimensions, elementType });
        times.push(`σ = ${sigma}: ${time.toFixed(2)}`);
      }
      console.log(`  ${elementType}  ${name.padEnd(10)} ${times.join('   ')}`);
    }
  }
}

async function nanosecondsPerNormal({
  sigma,
  dimensions,
  elementType,
}: {
  sigma: number;
  dimensions: number;
  elementType: 'int16' | 'int32';
}): Promise<number> {
  const count = Math.max(1, Math.round(NORMALS / dimensions));
  const kernel = await createNoiseKernel({
    table: latticeGaussian({ sigma, stepsPerUnit: 255 }),
    key: [1, 2],
    dimensions,
    batchSize: count,
    elementType,
  });
  const pixels = new Uint8Array(dimensions).fill(128);
  let fastest = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = process.hrtime.bigint();
    kernel.fill({ pixels, row: 0, count, example: 0, firstSample: run * count, phase: phases.estimation });
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - start));
  }
  return fastest / (count * dimensions);
}
