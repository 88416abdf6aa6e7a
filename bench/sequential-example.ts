import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { certifyDataset } from '../certification/certify-dataset.ts';
import { readRows } from '../certification/read-rows.ts';
import type { RunMetrics } from '../certification/publish-run.ts';
import type { Certificate } from '../certification/records/certificate.ts';
import type { RequestInput } from '../certification/records/request.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { fashionMnist } from '../test/support/fashion-mnist.ts';
import { tableLine } from './table-line.ts';

const RADII = [0, 0.25, 0.5];
const settings = { ...fashionMnist, n0: 100, n: 10_000, alpha: 0.001, seed: 'fashion-mnist' };

const MOST_POINTS_APART = 0.4;
const LEAST_RATIO = 5;
const LEAST_TIME_RATIO = 4;

const WIDTHS = [26, 8, 8, 8, 8, 5, 8, 5, 7];
const HEADERS = [
  ['', 'cert.', 'accuracy', 'at', 'samples', '', 'seconds', '', 'batches'],
  ['', ...RADII.map((radius) => radius.toFixed(2)), 'each', 'ratio', 'sampling', 'ratio', 'filled'],
];

/** One run of the example, as the table shows it. */
interface ExampleRun {
  readonly name: string;
  /** Radii that it decides, and its certified accuracy there. */
  readonly accuracy: ReadonlyMap<number, number>;
  readonly samples: number;
  readonly seconds: number;
  /** Samples drawn as a share of the rows of all batches. */
  readonly fill: number;
}

/**
 * Certifies the Fashion-MNIST example in fixed and in sequential mode, each radius by itself and all at once, and prints what they
 * reach and cost.
 *
 * @param examples how many, the first ones; all where left out
 */
export async function runSequentialExample({ examples }: { examples?: number }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'perimeter-bench-'));
  const request = { ...settings, out: folder, ...(examples !== undefined && { limit: examples }) };
  try {
    console.log('(b) The Fashion-MNIST example, drawn for real: n0 = 100, n = 10,000, alpha = 0.001, sigma = 0.25');
    for (const header of HEADERS) console.log(tableLine(header, WIDTHS));
    const fixedRequest = { ...request, bound: 'clopper-pearson' as const, skipMisclassified: false };
    const fixed = await runExample({ name: 'fixed', radii: RADII, request: fixedRequest });
    printRun(fixed, fixed);
    const show = async (name: string, radii: readonly number[], skipMisclassified: boolean) => {
      const run = await runExample({ name, radii, request: { ...request, radii: [...radii], skipMisclassified } });
      printRun(run, fixed);
      return run;
    };
    const runs: ExampleRun[] = [];
    for (const radius of RADII) runs.push(await show(`sequential ${radius.toFixed(2)}`, [radius], false));
    const grid = await show('sequential, all', RADII, false);
    const skipping = await show('all, misclassified skipped', RADII, true);
    printVerdict({ fixed, runs: [...runs, grid, skipping], grid });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runExample({
  name,
  radii,
  request,
}: {
  name: string;
  radii: readonly number[];
  request: RequestInput & { out: string };
}): Promise<ExampleRun> {
  process.stderr.write(`${name} …\n`);
  const { plan, summary, url } = await certifyDataset(request);
  const rows = (await readRows({ store: openStore(request.out), plan, failedShards: [] })) as Certificate[];
  const metrics = JSON.parse(readFileSync(join(fileURLToPath(url), 'metrics.json'), 'utf8')) as RunMetrics;
  const accuracyAt = (radius: number) => rows.filter((row) => row.correct && row.radius >= radius).length / rows.length;
  return {
    name,
    accuracy: new Map(radii.map((radius) => [radius, accuracyAt(radius)])),
    samples: summary.samples / rows.length,
    seconds: metrics.samplerSeconds,
    fill: metrics.samplesDrawn / (metrics.batches * plan.claim.arithmetic.batchSize),
  };
}

function printRun({ name, accuracy, samples, seconds, fill }: ExampleRun, fixed: ExampleRun): void {
  console.log(
    tableLine(
      [
        name,
        ...RADII.map((radius) => percent(accuracy.get(radius))),
        Math.round(samples).toLocaleString('en'),
        (fixed.samples / samples).toFixed(1),
        seconds.toFixed(1),
        (fixed.seconds / seconds).toFixed(1),
        percent(fill),
      ],
      WIDTHS,
    ),
  );
}

function printVerdict({
  fixed,
  runs,
  grid,
}: {
  fixed: ExampleRun;
  runs: readonly ExampleRun[];
  grid: ExampleRun;
}): void {
  const apart = runs.flatMap(({ accuracy }) =>
    [...accuracy].map(([radius, share]) => Math.abs(share - (fixed.accuracy.get(radius) ?? NaN)) * 100),
  );
  console.log(
    `\nlargest difference in certified accuracy ${Math.max(...apart).toFixed(1)} pp (asked ≤ ${MOST_POINTS_APART})`,
  );
  console.log(`all radii: ratio of samples ${(fixed.samples / grid.samples).toFixed(1)} (asked ≥ ${LEAST_RATIO})`);
  console.log(
    `all radii: ratio of sampling time ${(fixed.seconds / grid.seconds).toFixed(1)} (asked ≥ ${LEAST_TIME_RATIO})`,
  );
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${(share * 100).toFixed(1)} %`;
}
