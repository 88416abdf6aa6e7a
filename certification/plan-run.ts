import { randomBytes } from 'node:crypto';
import type { Draft } from './draft-claim.ts';
import { PerimeterError } from './perimeter-error.ts';
import { recordBytes } from './records/canonical-json.ts';
import { claimDigest, type Claim } from './records/claim.ts';
import { planSchema, samplesPerExample, type Plan } from './records/plan.ts';
import type { Request } from './records/request.ts';
import { runKeys } from './records/run-keys.ts';
import { sourcesOf } from './sources.ts';
import { checkStore } from './storage/check-store.ts';
import type { Store } from './storage/store.ts';

/** A shard should be about this much work: long beside a task's overhead, short beside a night. */
const SHARD_SECONDS = 300;
/** Most examples of a shard: its heartbeats and its rows stay small. */
const MAX_SHARD_SIZE = 256;
/** So many shards at least, where there are examples enough, so that several samplers finish together. */
const MIN_SHARDS = 16;

/**
 * Freezes a request: checks the store, draws the seed and writes `plan.json`. Where the run has a plan already, that
 * plan is returned, so that the run goes on, as long as it claims and lays out what the request asks for.
 *
 * @param request with its run id.
 * @param now the time, for the record.
 * @throws PerimeterError `StoreRefused`; `RunExists` where the run id is taken by another plan.
 */
export async function planRun({
  store,
  request,
  run,
  draft,
  now,
}: {
  store: Store;
  request: Request;
  run: string;
  draft: Draft;
  now: Date;
}): Promise<Plan> {
  await checkStore(store);
  const existing = await readPlan(store, run);
  const seed = request.seed ?? existing?.claim.seed ?? randomBytes(16).toString('hex');
  const claim: Claim = { ...draft.claim, seed };
  const shardSize =
    request.shardSize ?? existing?.execution.shardSize ?? chooseShardSize(claim, draft.samplesPerSecond);
  if (existing !== undefined) {
    const difference =
      firstDifference({ ...existing.claim }, { ...claim }, 'claim') ??
      firstDifference({ shardSize: existing.execution.shardSize }, { shardSize }, 'execution') ??
      firstDifference(existing.sources, sourcesOf(request), 'sources');
    if (difference === undefined) return existing;
    throw new PerimeterError(
      'RunExists',
      `Run ${run} exists in ${store.url(runKeys.folder(run))} with another plan (${difference}): choose another run id.`,
    );
  }
  const plan: Plan = {
    run,
    claim,
    claimDigest: claimDigest(claim),
    sources: sourcesOf(request),
    execution: {
      shardSize,
      shards: Math.ceil(claim.dataset.count / shardSize),
      samplesPerSecond: draft.samplesPerSecond,
      seedSource: request.seed === undefined ? 'random' : 'given',
      createdAt: now.toISOString(),
    },
  };
  await store.putIfAbsent(runKeys.plan(run), recordBytes(plan), { contentType: 'application/json' });
  return plan;
}

/** A run's plan, or undefined where it has none. @throws PerimeterError `InvalidRequest` where the object isn't a plan. */
export async function readPlan(store: Store, run: string): Promise<Plan | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await store.get(runKeys.plan(run));
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'NotFound') return undefined;
    throw error;
  }
  try {
    const plan = planSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    if (claimDigest(plan.claim) === plan.claimDigest) return plan;
    throw new Error("the claim doesn't have the digest that the plan states");
  } catch (error) {
    const url = store.url(runKeys.plan(run));
    throw new PerimeterError(
      'InvalidRequest',
      `${url} is not a plan that this version reads, or was changed after it was written.`,
      { cause: error },
    );
  }
}

/** Examples a shard, from the measured rate: about five minutes of work, and shards enough to share out. */
export function chooseShardSize(
  { sampling, dataset }: Pick<Claim, 'sampling' | 'dataset'>,
  samplesPerSecond: number,
): number {
  const timely = Math.floor((SHARD_SECONDS * samplesPerSecond) / samplesPerExample(sampling));
  return Math.max(1, Math.min(timely, Math.ceil(dataset.count / MIN_SHARDS), MAX_SHARD_SIZE));
}

/** Names the first field in which two records differ, with both values. */
function firstDifference(a: Record<string, unknown>, b: Record<string, unknown>, path: string): string | undefined {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [a[key], b[key]];
    if (JSON.stringify(x) === JSON.stringify(y)) continue;
    if (isRecord(x) && isRecord(y)) return firstDifference(x, y, `${path}.${key}`);
    return `${path}.${key} is ${JSON.stringify(x)} there and ${JSON.stringify(y)} here`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
