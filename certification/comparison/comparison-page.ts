import { PerimeterError } from '../perimeter-error.ts';
import { requirePlan } from '../plan-run.ts';
import { readShards } from '../read-rows.ts';
import { readSummary } from '../read-summary.ts';
import type { Certificate } from '../records/certificate.ts';
import { normOf, normSymbols } from '../records/norm.ts';
import { runFiles, runKeys } from '../records/run-keys.ts';
import { exampleColumns } from '../report/example-columns.ts';
import { reportHtml } from '../report/report-html.ts';
import { parseThumbnails, thumbnailShape, type Thumbnails } from '../report/thumbnails.ts';
import type { Store } from '../storage/store.ts';
import { sameExamples } from './same-examples.ts';

/** Results of a finished run. */
interface RunOf {
  readonly run: string;
  readonly generation: number;
}

/**
 * The page of a run with a baseline beside it: both curves, what changed at each radius, and the examples with the worst
 * drops first. Where the baseline is of other examples, its curve alone. A function of the two runs' results and the
 * other arguments; of each run some fifty bytes an example are held.
 *
 * @param baseline the run to compare with, in the same store, and the date of the audit that it is from, if it is from one.
 * @param results the folder of the run's results as seen from the page, such as `../../../runs/a/`, for its links.
 * @returns the page, UTF-8.
 * @throws PerimeterError `NotFound` where one of the runs isn't finished; `InvalidRequest` where one is of PREDICT, or their norms differ.
 */
export async function comparisonPage({
  store,
  run,
  generation,
  baseline,
  results,
}: RunOf & {
  store: Store;
  baseline: RunOf & { readonly date?: string | undefined };
  results: string;
}): Promise<Uint8Array> {
  const own = await readResults(store, { run, generation });
  const other = await readResults(store, baseline);
  const [ownNorm, otherNorm] = [own.claim, other.claim].map((claim) => normSymbols[normOf(claim)]);
  if (ownNorm !== otherNorm) {
    throw new PerimeterError(
      'InvalidRequest',
      `Run ${run} has ${ownNorm} radii and run ${baseline.run} ${otherNorm} ones, which can't be compared: choose runs of one norm.`,
    );
  }
  const comparable = sameExamples(own.claim, other.claim);
  const page = await reportHtml({
    ...own,
    thumbnails: comparable ? joined(own.thumbnails, other.thumbnails) : own.thumbnails,
    baseline: {
      name: `baseline ${baseline.date === undefined ? baseline.run : readable(baseline.date)}`,
      summary: other.summary,
      claim: other.claim,
      ...(comparable && { examples: other.examples }),
    },
    results,
  });
  return new TextEncoder().encode(page);
}

/** An audit's date for people: `2026-11-27T020000Z` is 2026-11-27, 02:00 UTC. */
function readable(date: string): string {
  return date.replace(/^(.{10})T(\d{2})(\d{2})\d{2}Z$/, '$1, $2:$3 UTC');
}

async function readResults(store: Store, { run, generation }: RunOf) {
  const plan = await requirePlan(store, run);
  const { claim } = plan;
  const { summary } = await readSummary(store, run, generation);
  if (summary.mode === 'predict') {
    throw new PerimeterError(
      'InvalidRequest',
      `Run ${run} is of mode "predict", which has no radii to compare: expected one of mode "fixed" or "sequential".`,
    );
  }
  const { add, columns: examples } = exampleColumns(claim.dataset.count);
  for await (const { rows } of readShards({ store, plan, failedShards: [], generation })) {
    (rows as readonly Certificate[]).forEach(add);
  }
  const key = runKeys.result(run, runFiles.thumbnails, generation);
  const shape = thumbnailShape(claim);
  // Runs of older versions kept none.
  const thumbnails =
    shape !== undefined && (await store.has(key)) ? parseThumbnails(await store.get(key), shape) : undefined;
  return { summary, claim, examples, thumbnails };
}

/** The thumbnails of two runs on the same images. */
function joined(one: Thumbnails | undefined, other: Thumbnails | undefined): Thumbnails | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const { width, height, channels } = one;
  if (width !== other.width || height !== other.height || channels !== other.channels) return one;
  const size = width * height * channels;
  const there = new Set(one.indices);
  const added = other.indices.flatMap((index, at) => (there.has(index) ? [] : [{ index, at }]));
  return {
    ...one,
    indices: [...one.indices, ...added.map(({ index }) => index)],
    pixels: new Uint8Array(
      Buffer.concat([one.pixels, ...added.map(({ at }) => other.pixels.subarray(at * size, (at + 1) * size))]),
    ),
  };
}
