import { PerimeterError } from './perimeter-error.ts';
import { recordBytes } from './records/canonical-json.ts';
import type { Row } from './records/certificate.ts';
import type { Manifest } from './records/manifest.ts';
import type { Plan } from './records/plan.ts';
import { runFiles, runKeys } from './records/run-keys.ts';
import type { AnySummary } from './records/summary.ts';
import { makeManifest } from './make-manifest.ts';
import { beginResults, type OpenTable } from './make-results.ts';
import { thumbnailsOf } from './read-thumbnails.ts';
import { reportDigest } from './report-digest.ts';
import { available, loadPlannedDataset, type DigestedDataset } from './sources.ts';
import { putRows } from './put-rows.ts';
import { readFailedShards } from './failed-shards.ts';
import { latestGeneration, readGenerations } from './generations.ts';
import { failedRowsOf, readShards } from './read-rows.ts';
import { readSummary } from './read-summary.ts';
import { objectDigest } from './storage/object-digest.ts';
import type { ObjectDigest, ObjectWriter, Store } from './storage/store.ts';

/** What a run cost and how it went: the part of its record that isn't a function of the claim. */
export interface RunMetrics {
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Samples drawn; more than the certificates rest on where attempts died. */
  readonly samplesDrawn: number;
  /** Batches that the model was run on; `samplesDrawn` over `batches` × the batch size is how full they were. */
  readonly batches: number;
  /** Time inside the model, over all model processes. */
  readonly inferenceSeconds: number;
  /** Time of the samplers, over all samplers. */
  readonly samplerSeconds: number;
}

export interface PublishedResults {
  readonly summary: AnySummary;
  /** Of these results: the one before where nothing came out otherwise in the one that was to be published. */
  readonly generation: number;
}

/**
 * Writes what a run found: certificates as Parquet and TSV, summary, curve, thumbnails and page, and last the manifest
 * with the size and SHA-256 of each. Every one of them but `metrics.json` is a function of the claim alone. Doing it again
 * changes nothing. A pass over the shards does it, which holds a few of them at a time and some fifty bytes an example.
 *
 * @param generation from 2: the results with what was drawn again of failed examples, in a folder of their own; nothing
 *   of the generations before it changes. Left out: the first, or whatever is published already.
 * @param loadDataset opens the run's dataset, whose images the page shows; from where the plan says where left out.
 * @throws PerimeterError `TooManyFailures`, with nothing written, where a larger share of the examples failed than `maxFailedShare`;
 * `DeterminismViolation` where the store holds other results of this claim; `InputUnavailable`
 * where the dataset isn't here; then publishing it again where it is goes on.
 */
export async function publishRun({
  store,
  plan,
  generation: asked,
  maxFailedShare,
  metrics,
  loadDataset = () => loadPlannedDataset(store, plan),
}: {
  store: Store;
  plan: Plan;
  generation?: number | undefined;
  maxFailedShare: number;
  metrics: RunMetrics;
  loadDataset?: (() => Promise<DigestedDataset>) | undefined;
}): Promise<PublishedResults> {
  const { run } = plan;
  const published = async (which: number) => ({
    summary: (await readSummary(store, run, which)).summary,
    generation: which,
  });
  // A run that is asked for again is what it has become since.
  const there = asked === undefined ? await latestGeneration(store, run) : undefined;
  if (there !== undefined) return published(there);
  const generation = asked ?? 1;
  if (await store.has(runKeys.manifest(run, generation))) return published(generation);
  const previous = generation === 1 ? undefined : await generationBefore(store, plan, generation);
  if (previous?.same === true) return published(previous.generation);
  const failedShards = await readFailedShards(store, plan);
  const objects: Manifest['objects'] = [];
  const record = (key: string, { size, sha256 }: ObjectDigest) => {
    objects.push({ key: key.slice(runKeys.folder(run).length + 1), size, sha256 });
  };
  const inputs = [runKeys.commitment(run), runKeys.plan(run)];
  if (plan.claim.dataset.digestOf === 'examples') inputs.push(runKeys.datasetIndex(run));
  if (previous !== undefined) inputs.push(...previous.published.map((each) => runKeys.manifest(run, each)));
  for (const key of inputs) record(key, await store.digest(key));

  // The tables go to the store as their rows are read, and appear when they are finished. So the same pass can tell first
  // whether too many examples failed: a pass before it would read every shard twice, a copy of the tables in a local file
  // would ask for a disk as large as the run.
  const tables: { key: string; writer: ObjectWriter }[] = [];
  const open: OpenTable = async ({ name, contentType }) => {
    const key = runKeys.result(run, name, generation);
    const writer = await store.writeIfAbsent(key, { contentType });
    tables.push({ key, writer });
    return writer.write;
  };
  const thumbnailsKey = runKeys.result(run, runFiles.thumbnails, generation);
  const thumbnails = (wanted: readonly number[]) =>
    // Kept, because another publisher's decoder may round some pixel otherwise.
    keepFirst({
      store,
      key: thumbnailsKey,
      contentType: 'application/octet-stream',
      make: () =>
        available(`The images of run ${run} can't be read for its page`, async () =>
          thumbnailsOf({ claim: plan.claim, dataset: await loadDataset(), wanted }),
        ),
    });
  try {
    const results = await beginResults(plan, open, thumbnails);
    const failures = failureCount();
    const unstored = new Set<number>();
    for await (const each of readShards({ store, plan, failedShards, generation })) {
      const { shard, rows } = each;
      rows.forEach(failures.add);
      if (!each.stored) unstored.add(shard);
      record(runKeys.shard(run, shard, each.generation), each.file);
      await results.add(rows);
    }
    failures.check({ run, maxFailedShare });
    const { summary, documents } = await results.finish();
    const failedRows = failedRowsOf(store, plan);
    for (const failure of failedShards) {
      const { shard } = failure;
      // Kept like any other shard's, so that the run can't come out otherwise another time.
      if (unstored.has(shard)) await putRows({ store, plan, shard, generation, rows: await failedRows(failure) });
    }
    for (const { key, writer } of tables) record(key, await writer.finish());
    for (const { name, bytes, contentType } of documents) {
      await store.putIfAbsent(runKeys.result(run, name, generation), bytes, { contentType });
      record(runKeys.result(run, name, generation), objectDigest(bytes));
    }
    const contentType = 'application/json';
    const metricsKey = runKeys.result(run, runFiles.metrics, generation);
    record(
      metricsKey,
      objectDigest(await keepFirst({ store, key: metricsKey, contentType, make: () => recordBytes(metrics) })),
    );
    const manifest = recordBytes(makeManifest(plan, objects, { generation, report: reportDigest() }));
    await store.putIfAbsent(runKeys.manifest(run, generation), manifest, { contentType });
    return { summary, generation };
  } finally {
    for (const { writer } of tables) await writer.abort();
  }
}

/**
 * The newest published generation before one, with all that are published, and whether no rows have come since; undefined where none is
 * published.
 */
async function generationBefore(store: Store, { run, execution }: Plan, generation: number) {
  const { published: all, newestOf } = await readGenerations(store, run);
  const published = all.filter((each) => each < generation);
  const before = published.at(-1);
  if (before === undefined) return undefined;
  const shards = Array.from({ length: execution.shards }, (_, shard) => shard);
  return { generation: before, published, same: shards.every((shard) => newestOf(shard, generation) <= before) };
}

/** Counts the rows that failed. */
function failureCount() {
  let examples = 0;
  let failed = 0;
  let first: Row | undefined;
  return {
    add: (row: Row) => {
      examples += 1;
      if (row.status !== 'failed') return;
      failed += 1;
      first ??= row;
    },
    check: ({ run, maxFailedShare }: { run: string; maxFailedShare: number }) => {
      if (first === undefined || failed <= maxFailedShare * examples) return;
      throw new PerimeterError(
        'TooManyFailures',
        `${failed} of ${examples} examples of run ${run} failed, more than the share of ${maxFailedShare} that the request allows; ` +
          `the first is example ${first.index}: ${first.reason ?? 'no reason given'}.`,
      );
    },
  };
}

/** Writes an object unless an earlier attempt at publishing did: another attempt may have made it otherwise. */
async function keepFirst({
  store,
  key,
  contentType,
  make,
}: {
  store: Store;
  key: string;
  contentType: string;
  make: () => Uint8Array | Promise<Uint8Array>;
}): Promise<Uint8Array> {
  if (await store.has(key)) return store.get(key);
  const bytes = await make();
  try {
    await store.putIfAbsent(key, bytes, { contentType });
    return bytes;
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'DeterminismViolation') return store.get(key);
    throw error;
  }
}
