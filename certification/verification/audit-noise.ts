import { latticeTable } from '../noise/lattice-table.ts';
import { createNoiseKernel } from '../noise/noise-kernel.ts';
import { phases } from '../noise/phases.ts';
import type { PhiloxKey } from '../noise/philox4x32.ts';
import type { Claim } from '../records/claim.ts';
import { auditDraws } from './audit-draws.ts';
import type { ExampleDraws, NoiseAudit } from './audit-draws.ts';
import { differingFromTwin } from './differing-from-twin.ts';
import { latticeLaw } from './lattice-law.ts';

/** 2²³ draws are drawn and tested in under a second, and show a sigma 0.2 % off. */
const MOST_DRAWS = 2 ** 23;
/** The selection phase has 100 samples in most runs; noise past its end would serve nothing. */
const MOST_SELECTION_SAMPLES = 64;
/** Samples of each example, selection and estimation, so that consecutive ones can be compared. */
const LEAST_ROWS = 3;

/**
 * Audits a run's noise: draws it anew, from the run's own key, with the kernel that the run drew it with, and tests the
 * integers against the law that the claim names (`auditDraws`). Some rows are also drawn with the plain twin
 * (`latticeNoise`), which must agree integer by integer. At most some 2²³ integers are drawn (two or three samples of one
 * example where those are more): fewer examples, then fewer samples of each, than were asked for.
 *
 * Power: with N draws, a sigma off by a share of 6.5/√N and a mean off by 9/√N standard deviations are found with a chance of
 * 99.9 % (5.9 standard errors that make an alarm, and 3.1 more), and so is a correlation of 9/√pairs; at N = 2²³ that is a
 * sigma 0.22 % off and a mean 0.31 % of sigma off.
 *
 * @param noise of the claim
 * @param key of the run, from `noiseKey`
 * @param dimensions elements of an example, ≥ 1
 * @param examples indices of the dataset to draw for, at least one; the first are used
 * @param samples how many estimation samples the run drew of each example, ≥ 1
 * @returns every test with its level; the same arguments give the same audit
 * @throws RangeError when `examples` is empty, or an argument is out of range for the kernel
 */
export async function auditNoise({
  noise,
  key,
  dimensions,
  examples,
  samples,
}: {
  noise: Pick<Claim['noise'], 'sigma' | 'lambda' | 'stepsPerUnit' | 'elementType'>;
  key: PhiloxKey;
  dimensions: number;
  examples: readonly number[];
  samples: number;
}): Promise<NoiseAudit> {
  if (examples.length === 0) throw new RangeError('A noise audit needs at least one example.');
  const table = latticeTable(noise);
  const rows = Math.max(LEAST_ROWS, Math.floor(MOST_DRAWS / dimensions));
  const used = [...new Set(examples)].slice(0, Math.floor(rows / LEAST_ROWS));
  const perExample = Math.floor(rows / used.length);
  const selectionSamples = Math.min(samples, MOST_SELECTION_SAMPLES, Math.ceil(perExample / 4));
  const estimationSamples = Math.min(samples, perExample - selectionSamples);

  const batchSize = Math.max(selectionSamples, estimationSamples);
  const kernel = await createNoiseKernel({ table, key, dimensions, batchSize, elementType: noise.elementType });
  const pixels = new Uint8Array(dimensions);
  const draw = (example: number, phase: number, count: number): ExampleDraws['estimation'] => {
    kernel.fill({ pixels, row: 0, count, example, firstSample: 0, phase });
    return kernel.batch.slice(0, count * dimensions);
  };
  const draws = used.map((example) => ({
    example,
    estimation: draw(example, phases.estimation, estimationSamples),
    selection: draw(example, phases.selection, selectionSamples),
  }));

  const audit = auditDraws({ draws, dimensions, law: latticeLaw(table) });
  const differing = differingFromTwin({ table, key, dimensions, draws });
  const twin = {
    name: 'equal to the plain twin',
    statistic: differing,
    pValue: differing === 0 ? 1 : 0,
    level: 0,
    passed: differing === 0,
  };
  const tests = [twin, ...audit.tests];
  return { ...audit, tests, passed: tests.every(({ passed }) => passed) };
}
