import { failedCertificate, failedPrediction } from './make-row.ts';
import { PerimeterError } from './perimeter-error.ts';
import { certificateSchema, predictionSchema, type Row } from './records/certificate.ts';
import { claimedIndex } from './records/claim.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import { loadPlannedDataset } from './sources.ts';
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
    rows.push(...(certified ? await readShard(store, plan, shard) : await failedRows({ store, plan, shard, reason })));
  }
  return rows;
}

async function readShard(store: Store, plan: Plan, shard: number): Promise<Row[]> {
  const key = runKeys.shard(plan.run, shard);
  return parseShard({ plan, shard, bytes: await store.get(key), url: store.url(key) });
}

/**
 * The rows of a shard's file.
 *
 * @param url what to call it in a message.
 * @throws PerimeterError `DeterminismViolation` where they aren't those of its examples.
 */
export function parseShard({
  plan,
  shard,
  bytes,
  url,
}: {
  plan: Plan;
  shard: number;
  bytes: Uint8Array;
  url: string;
}): Row[] {
  const schema = plan.claim.sampling.mode === 'predict' ? predictionSchema : certificateSchema;
  const { first, end } = shardPositions(plan, shard);
  const refuse = (why: string) => new PerimeterError('DeterminismViolation', `${url}${why}`);
  const rows = new TextDecoder()
    .decode(bytes)
    .trimEnd()
    .split('\n')
    .map((line, at) => {
      const row = schema.safeParse(fromJson(line));
      const index = claimedIndex(plan.claim, first + at);
      if (row.success && row.data.index === index) return row.data;
      throw refuse(`, line ${at + 1}, is not the row of example ${index}.`);
    });
  if (rows.length !== end - first) throw refuse(` holds ${rows.length} rows, not ${end - first}.`);
  return rows;
}

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function failedRows({
  store,
  plan,
  shard,
  reason,
}: {
  store: Store;
  plan: Plan;
  shard: number;
  reason: string;
}): Promise<Row[]> {
  const { claim } = plan;
  const dataset = await loadPlannedDataset(store, plan);
  const { first, end } = shardPositions(plan, shard);
  const rows: Row[] = [];
  for (let position = first; position < end; position++) {
    const index = claimedIndex(claim, position);
    const example = { index, label: dataset.label(index) };
    const { mode } = claim.sampling;
    rows.push(mode === 'predict' ? failedPrediction(example, reason) : failedCertificate({ example, mode, reason }));
  }
  return rows;
}
