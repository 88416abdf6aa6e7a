import type { Dataset } from './datasets/dataset.ts';
import { readGenerations } from './generations.ts';
import { failedCertificate, failedPrediction } from './make-row.ts';
import { markRow } from './mark-row.ts';
import { PerimeterError } from './perimeter-error.ts';
import { certificateSchema, predictionSchema, type Row } from './records/certificate.ts';
import { claimedIndex } from './records/claim.ts';
import { shardPositions, type Plan } from './records/plan.ts';
import { runKeys } from './records/run-keys.ts';
import { shardBytes } from './put-rows.ts';
import { readAhead } from './read-ahead.ts';
import { loadPlannedDataset } from './sources.ts';
import { objectDigest } from './storage/object-digest.ts';
import type { ObjectDigest, Store } from './storage/store.ts';

/** A shard that could not be certified, and why. */
export interface FailedShard {
  readonly shard: number;
  readonly reason: string;
}

/** Where a run's rows are, which of its shards have none, and of which generation they are to be (default 1). */
interface RunShards {
  store: Store;
  plan: Plan;
  failedShards: readonly FailedShard[];
  generation?: number | undefined;
}

/** A shard's rows, and its file. */
export interface ShardRows {
  readonly shard: number;
  /** The generation that its rows are from: the last one that changed them. */
  readonly generation: number;
  readonly rows: Row[];
  readonly file: ObjectDigest;
  /** Whether the file is in the store; where not, the shard is one of those that failed. */
  readonly stored: boolean;
}

/** Shards that are read at once, so that a store's latency is waited for once for all of them; each is a file of some 100 kB. */
const SHARDS_AHEAD = 8;

/**
 * The rows of a run, shard by shard in index order; each file is read once. The examples of failed shards are there as
 * failed rows.
 *
 * @throws PerimeterError `DeterminismViolation` where a shard's rows aren't those of its examples; `InputUnavailable`
 * where a failed shard's labels can't be read.
 */
export async function* readShards({
  store,
  plan,
  failedShards,
  generation = 1,
}: RunShards): AsyncGenerator<ShardRows, void, undefined> {
  const failed = new Map(failedShards.map((each) => [each.shard, each]));
  const failedRows = failedRowsOf(store, plan);
  const newestOf = await newestRows(store, plan, generation);
  const fetch = async (shard: number) => {
    const newest = newestOf(shard);
    const key = runKeys.shard(plan.run, shard, newest);
    const failure = failed.get(shard);
    const stored = failure === undefined || (await store.has(key));
    const bytes = stored ? await store.get(key) : shardBytes(await failedRows(failure));
    return { shard, stored, generation: stored ? newest : generation, bytes };
  };
  const files = readAhead({ count: plan.execution.shards, ahead: SHARDS_AHEAD, fetch });
  for await (const { bytes, ...about } of files) {
    const { shard } = about;
    const rows = parseShard({ plan, shard, bytes, url: store.url(runKeys.shard(plan.run, shard, about.generation)) });
    yield { ...about, rows, file: objectDigest(bytes) };
  }
}

/** The generation, up to one, that a shard's rows are from. */
async function newestRows(store: Store, { run }: Plan, upTo: number): Promise<(shard: number) => number> {
  if (upTo === 1) return () => 1;
  const { newestOf } = await readGenerations(store, run);
  return (shard) => newestOf(shard, upTo);
}

/** All rows of a run, as `readShards` gives them. */
export async function readRows(shards: RunShards): Promise<Row[]> {
  const all: Row[] = [];
  for await (const { rows } of readShards(shards)) for (const row of rows) all.push(row);
  return all;
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

/**
 * The rows of failed shards: each example's, with the shard's reason. The dataset, which has their labels, is opened for
 * the first of them.
 */
export function failedRowsOf(store: Store, plan: Plan): (failure: FailedShard) => Promise<Row[]> {
  const { claim } = plan;
  let opened: Promise<Dataset> | undefined;
  return async ({ shard, reason }) => {
    const dataset = await (opened ??= loadPlannedDataset(store, plan));
    const { first, end } = shardPositions(plan, shard);
    const rows: Row[] = [];
    for (let position = first; position < end; position++) {
      const index = claimedIndex(claim, position);
      const example = { index, label: dataset.label(index) };
      const { mode } = claim.sampling;
      const row = mode === 'predict' ? failedPrediction(example, reason) : failedCertificate({ example, mode, reason });
      rows.push(markRow<Row>(row, claim));
    }
    return rows;
  };
}
