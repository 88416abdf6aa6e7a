import { failedCertificate, failedPrediction } from './make-row.ts';
import { PerimeterError } from './perimeter-error.ts';
import { certificateSchema, predictionSchema, type Row } from './records/certificate.ts';
import { claimedIndex } from './records/claim.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import { checkDigest } from './sampler.ts';
import { datasetSource, loadDataset } from './sources.ts';
import type { Store } from './storage/store.ts';

/** A shard that could not be certified, and why. */
export interface FailedShard {
  readonly shard: number;
  readonly reason: string;
}

/**
 * All rows of a run in index order. The examples of failed shards are there as failed rows.
 *
 * @throws PerimeterError `DeterminismViolation` where a shard's rows aren't those of its examples; `InputUnavailable`
 * where a failed shard's labels can't be read.
 */
export async function readRows({
  store,
  plan,
  failedShards,
}: {
  store: Store;
  plan: Plan;
  failedShards: readonly FailedShard[];
}): Promise<Row[]> {
  const failed = new Map(failedShards.map(({ shard, reason }) => [shard, reason]));
  const rows: Row[] = [];
  for (let shard = 0; shard < plan.execution.shards; shard++) {
    const reason = failed.get(shard);
    const certified = reason === undefined || (await store.has(runKeys.shard(plan.run, shard)));
    rows.push(...(certified ? await readShard(store, plan, shard) : await failedRows(plan, shard, reason)));
  }
  return rows;
}

async function readShard(store: Store, plan: Plan, shard: number): Promise<Row[]> {
  const key = runKeys.shard(plan.run, shard);
  const schema = plan.claim.sampling.mode === 'predict' ? predictionSchema : certificateSchema;
  const lines = new TextDecoder()
    .decode(await store.get(key))
    .trimEnd()
    .split('\n');
  const { first, end } = shardPositions(plan, shard);
  const rows = lines.map((line, at) => {
    const row = schema.safeParse(JSON.parse(line));
    const index = claimedIndex(plan.claim, first + at);
    if (row.success && row.data.index === index) return row.data;
    throw new PerimeterError(
      'DeterminismViolation',
      `${store.url(key)}, line ${at + 1}, is not the row of example ${index}.`,
    );
  });
  if (rows.length === end - first) return rows;
  throw new PerimeterError('DeterminismViolation', `${store.url(key)} holds ${rows.length} rows, not ${end - first}.`);
}

async function failedRows(plan: Plan, shard: number, reason: string): Promise<Row[]> {
  const { sources, claim } = plan;
  const dataset = await loadDataset(datasetSource(sources));
  checkDigest(plan.run, sources.dataset, { found: dataset.sha256, planned: claim.dataset.sha256 });
  const { first, end } = shardPositions(plan, shard);
  const rows: Row[] = [];
  for (let position = first; position < end; position++) {
    const { index, label } = await dataset.read(claimedIndex(claim, position));
    const make = claim.sampling.mode === 'predict' ? failedPrediction : failedCertificate;
    rows.push(make({ index, label }, reason));
  }
  return rows;
}
