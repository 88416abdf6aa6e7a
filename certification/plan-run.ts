import { indexBytes, type DatasetIndex } from './datasets/dataset-index.ts';
import { digested, type Draft, type SeedlessClaim } from './draft-claim.ts';
import { PerimeterError } from './perimeter-error.ts';
import { recordBytes } from './records/canonical-json.ts';
import { claimDigest, seedlessDigest, type Claim } from './records/claim.ts';
import { commitmentSchema, type Commitment } from './records/commitment.ts';
import { planSchema, samplesPerExample, type Plan } from './records/plan.ts';
import { firstDifference } from './records/first-difference.ts';
import { requestDigest, type Request } from './records/request.ts';
import { runKeys } from './records/run-keys.ts';
import { challengeSeed, drawnSeed, type SeedSource } from './records/seed.ts';
import { datasetKeys, digestDataset, loadDataset, modelKeys } from './sources.ts';
import { checkStore } from './storage/check-store.ts';
import { getIfThere } from './storage/get-if-there.ts';
import type { Store } from './storage/store.ts';

/** A shard should be about this much work: long beside a task's overhead, short beside a night. */
const SHARD_SECONDS = 300;
/** Most examples of a shard: its heartbeats and its rows stay small. */
const MAX_SHARD_SIZE = 256;
/** Sequential mode seldom needs more of its most samples than this. */
const SEQUENTIAL_SHARE = 0.1;
/** Early looks are small: it takes the examples of a shard together to fill batches. */
const MIN_SEQUENTIAL_SIZE = 16;
/** So many shards at least, where there are examples enough, so that several samplers finish together. */
const MIN_SHARDS = 16;

/** The keys of a request that say where its inputs are and how to read them: a run that goes on has the same. */
const SOURCE_KEYS = [...modelKeys, ...datasetKeys];

/**
 * Freezes a request: checks the store, commits to all of the claim but its seed (`commitment.json`), then draws the seed and writes
 * `plan.json`. Where the run has a plan already, that
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
  const { claim: seedless, index } = await digestDraft(request, draft);
  if (existing === undefined) {
    await commit(store, run, { request, claim: seedless });
    if (index !== null) await keepIndex(store, run, index);
  }
  const { seed, ...origin } = drawSeed(request, seedless, existing);
  const claim: Claim = { ...seedless, seed };
  const shardSize =
    request.shardSize ?? existing?.execution.shardSize ?? chooseShardSize(claim, draft.samplesPerSecond);
  if (existing !== undefined) {
    const difference =
      firstDifference({ ...existing.claim }, { ...claim }, 'claim') ??
      firstDifference({ shardSize: existing.execution.shardSize }, { shardSize }, 'execution') ??
      firstDifference(sourcesOf(existing.request), sourcesOf(request), 'request');
    if (difference === undefined) return existing;
    throw new PerimeterError(
      'RunExists',
      `Run ${run} exists in ${store.url(runKeys.folder(run))} with another plan (${difference}): choose another run id.`,
    );
  }
  const plan: Plan = {
    run,
    request,
    claim,
    claimDigest: claimDigest(claim),
    seed: origin,
    execution: {
      shardSize,
      shards: Math.ceil(claim.dataset.count / shardSize),
      samplesPerSecond: draft.samplesPerSecond,
      createdAt: now.toISOString(),
    },
  };
  await store.putIfAbsent(runKeys.plan(run), recordBytes(plan), { contentType: 'application/json' });
  return plan;
}

/**
 * Reads the examples of a draft that names none of them yet, and digests them.
 *
 * @returns the claim, whole but for its seed, and the index of the examples where they are read one by one.
 * @throws PerimeterError `InvalidDataset` where the dataset isn't what it was when the draft was made.
 */
export async function digestDraft(
  request: Request,
  { claim }: Draft,
): Promise<{ claim: SeedlessClaim; index: DatasetIndex | null }> {
  const { sha256, examples } = claim.dataset;
  if (sha256 !== null) return { claim: digested(claim, sha256), index: null };
  const opened = await loadDataset(request);
  const { dataset, index } = await digestDataset(opened, claim);
  if (dataset.examples !== examples) {
    throw new PerimeterError(
      'InvalidDataset',
      `${request.dataset} held ${examples} examples a moment ago and ${dataset.examples} now: certify it when it is whole.`,
    );
  }
  return { claim: digested(claim, dataset.sha256), index };
}

async function keepIndex(store: Store, run: string, index: DatasetIndex) {
  await store.putIfAbsent(runKeys.datasetIndex(run), indexBytes(index), { contentType: 'application/x-ndjson' });
}

/** Puts down what will be claimed; a run that is begun anew must be about to claim the same. */
async function commit(store: Store, run: string, { request, claim }: { request: Request; claim: SeedlessClaim }) {
  const { code, model, dataset } = claim;
  const commitment: Commitment = {
    version: 1,
    run,
    request: requestDigest(request),
    model: model.sha256,
    dataset: dataset.sha256,
    code,
    seedlessClaim: seedlessDigest(claim),
  };
  const bytes = recordBytes(commitmentSchema.parse(commitment));
  try {
    await store.putIfAbsent(runKeys.commitment(run), bytes, { contentType: 'application/json' });
  } catch (error) {
    if (!(error instanceof PerimeterError && error.code === 'DeterminismViolation')) throw error;
    throw new PerimeterError(
      'RunExists',
      `Run ${run} was begun in ${store.url(runKeys.folder(run))} with another request: choose another run id.`,
      { cause: error },
    );
  }
}

function drawSeed(
  { seed, challenge }: Request,
  claim: SeedlessClaim,
  existing: Plan | undefined,
): SeedSource & { seed: string } {
  if (challenge !== undefined) {
    return { source: 'challenge', challenge, seed: challengeSeed(challenge, seedlessDigest(claim)) };
  }
  if (seed !== undefined) return { source: 'given', seed };
  return { source: 'random', seed: existing?.claim.seed ?? drawnSeed() };
}

function sourcesOf(request: Request): Record<string, unknown> {
  return Object.fromEntries(SOURCE_KEYS.map((key) => [key, request[key] ?? null]));
}

/** A run's plan, or undefined where it has none. @throws PerimeterError `InvalidRequest` where the object isn't a plan. */
export async function readPlan(store: Store, run: string): Promise<Plan | undefined> {
  const bytes = await getIfThere(store, runKeys.plan(run));
  return bytes && parsePlan(bytes, store.url(runKeys.plan(run)));
}

/** A run's plan, which must be there. @throws PerimeterError `NotFound`. */
export async function requirePlan(store: Store, run: string): Promise<Plan> {
  const plan = await readPlan(store, run);
  if (plan !== undefined) return plan;
  throw new PerimeterError('NotFound', `Run ${run} has no plan: ${store.url(runKeys.plan(run))} is not there.`);
}

/**
 * The plan in an object's bytes.
 *
 * @param url what to call it in a message.
 * @throws PerimeterError `InvalidRequest` where it isn't a plan, or its claim not that of its digest.
 */
export function parsePlan(bytes: Uint8Array, url: string): Plan {
  try {
    const plan = planSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    if (claimDigest(plan.claim) === plan.claimDigest) return plan;
    throw new Error("the claim doesn't have the digest that the plan states");
  } catch (error) {
    throw new PerimeterError(
      'InvalidRequest',
      `${url} is not a plan that this version reads, or was changed after it was written.`,
      { cause: error },
    );
  }
}

/** Examples a shard, from the measured rate: about five minutes of work, and shards enough to share out. */
export function chooseShardSize(
  { sampling, dataset }: { sampling: Claim['sampling']; dataset: Pick<Claim['dataset'], 'count'> },
  samplesPerSecond: number,
): number {
  const usual =
    sampling.mode === 'sequential' ? sampling.n0 + sampling.n * SEQUENTIAL_SHARE : samplesPerExample(sampling);
  const timely = Math.floor((SHARD_SECONDS * samplesPerSecond) / usual);
  const least = sampling.mode === 'sequential' ? Math.min(MIN_SEQUENTIAL_SIZE, dataset.count) : 1;
  return Math.max(least, Math.min(timely, Math.ceil(dataset.count / MIN_SHARDS), MAX_SHARD_SIZE));
}
