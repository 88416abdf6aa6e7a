import { PerimeterError } from './perimeter-error.ts';
import { recordBytes, sha256Hex } from './records/canonical-json.ts';
import type { Row } from './records/certificate.ts';
import type { Manifest } from './records/manifest.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runFiles, runKeys } from './records/run-keys.ts';
import type { AnySummary } from './records/summary.ts';
import { makeManifest } from './make-manifest.ts';
import { makeResults } from './make-results.ts';
import { putRows } from './put-rows.ts';
import { readFailedShards } from './failed-shards.ts';
import { readRows } from './read-rows.ts';
import { readSummary } from './read-summary.ts';
import type { Store } from './storage/store.ts';

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

/**
 * Writes what a run found: certificates as Parquet and TSV, summary, curve and page, and last the manifest with the
 * size and SHA-256 of each. Every one of them but `metrics.json` is a function of the claim alone. Doing it again
 * changes nothing.
 *
 * @throws PerimeterError `TooManyFailures`, with nothing written, where a larger share of the examples failed than `maxFailedShare`;
 * `DeterminismViolation` where the store holds other results of this claim.
 */
export async function publishRun({
  store,
  plan,
  maxFailedShare,
  metrics,
}: {
  store: Store;
  plan: Plan;
  maxFailedShare: number;
  metrics: RunMetrics;
}): Promise<AnySummary> {
  const { run, execution } = plan;
  if (await store.has(runKeys.manifest(run))) return (await readSummary(store, run)).summary;
  const failedShards = await readFailedShards(store, plan);
  const rows = await readRows({ store, plan, failedShards });
  checkFailures({ run, rows, maxFailedShare });
  for (const { shard } of failedShards) {
    // Kept like any other shard's, so that the run can't come out otherwise another time.
    const { first, end } = shardPositions(plan, shard);
    await putRows({ store, plan, shard, rows: rows.slice(first, end) });
  }
  const { summary, results } = await makeResults(plan, rows);
  const objects: Manifest['objects'] = [];
  const record = (key: string, bytes: Uint8Array) => {
    objects.push({ key: key.slice(runKeys.folder(run).length + 1), size: bytes.length, sha256: sha256Hex(bytes) });
  };
  record(runKeys.commitment(run), await store.get(runKeys.commitment(run)));
  record(runKeys.plan(run), await store.get(runKeys.plan(run)));
  for (let shard = 0; shard < execution.shards; shard++) {
    record(runKeys.shard(run, shard), await store.get(runKeys.shard(run, shard)));
  }
  for (const { name, bytes, contentType } of results) {
    await store.putIfAbsent(runKeys.result(run, name), bytes, { contentType });
    record(runKeys.result(run, name), bytes);
  }
  record(runKeys.result(run, runFiles.metrics), await keepFirst(store, runKeys.result(run, runFiles.metrics), metrics));
  const contentType = 'application/json';
  await store.putIfAbsent(runKeys.manifest(run), recordBytes(makeManifest(plan, objects)), { contentType });
  return summary;
}

function checkFailures({ run, rows, maxFailedShare }: { run: string; rows: readonly Row[]; maxFailedShare: number }) {
  const failed = rows.filter((row) => row.status === 'failed');
  if (failed.length <= maxFailedShare * rows.length) return;
  throw new PerimeterError(
    'TooManyFailures',
    `${failed.length} of ${rows.length} examples of run ${run} failed, more than the share of ${maxFailedShare} that the request allows; ` +
      `the first is example ${failed[0].index}: ${failed[0].reason ?? 'no reason given'}.`,
  );
}

/** Writes the metrics unless an earlier attempt at publishing did: they tell times, which no two attempts share. */
async function keepFirst(store: Store, key: string, metrics: RunMetrics): Promise<Uint8Array> {
  if (await store.has(key)) return store.get(key);
  try {
    const bytes = recordBytes(metrics);
    await store.putIfAbsent(key, bytes, { contentType: 'application/json' });
    return bytes;
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'DeterminismViolation') return store.get(key);
    throw error;
  }
}
