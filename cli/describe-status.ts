import { listFailures, type Failure } from '../certification/list-failures.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { readPlan } from '../certification/plan-run.ts';
import { hasReplayableNoise } from '../certification/records/claim.ts';
import { NOT_REPLAYABLE } from '../certification/report/not-replayable.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { keptRun } from './run-location.ts';
import type { RunStatus } from './runs.ts';

/** Failed shards and examples that are shown; `--json` has all. */
const FAILURES_SHOWN = 10;

/** What of a run failed, by its store; or why that can't be told here. And whether its samples can be drawn again. */
export type InStore = {
  /** There where they can't. */
  readonly replayable?: false;
} & ({ readonly failures: readonly Failure[] } | { readonly failuresUnknown: string });

/** What the store has to say of a run, wherever it is. */
export async function inStore({ url }: Pick<RunStatus, 'url'>): Promise<InStore> {
  // It has none before it is planned.
  if (url === undefined) return { failures: [] };
  try {
    const { out, run } = keptRun(url, '.');
    const store = openStore(out);
    const plan = await readPlan(store, run);
    if (plan === undefined) return { failures: [] };
    const failures = await listFailures(store, plan);
    return { failures, ...(!hasReplayableNoise(plan.claim) && { replayable: false }) };
  } catch (error) {
    if (!(error instanceof PerimeterError)) throw error;
    return { failuresUnknown: error.message };
  }
}

/** A run's status, for people. */
export function describeStatus(status: RunStatus, kept: InStore): string {
  const share = status.samples === 0 ? 0 : Math.floor((100 * status.samplesDone) / status.samples);
  return [
    `run       ${status.run}${status.again ? ', its failed examples again' : ''}`,
    `state     ${status.state}`,
    `examples  ${status.examplesFinished} of ${status.examples}, ${status.examplesFailed} failed`,
    `shards    ${status.shardsFinished} of ${status.shards}, ${status.shardsFailed} failed, up to ${status.concurrency} at once`,
    `samples   ${share} % of at most ${status.samples.toLocaleString('en')}`,
    ...(status.url === undefined ? [] : [`files     ${status.url}`]),
    ...(status.reason === undefined ? [] : [`failed    ${status.reason}`]),
    ...status.retrying.map((reason) => `retrying  ${reason}`),
    ...(kept.replayable === false ? [`noise     ${NOT_REPLAYABLE}`] : []),
    ...failureLines(status.run, kept),
    '',
  ].join('\n');
}

function failureLines(run: string, kept: InStore): string[] {
  if ('failuresUnknown' in kept) return [`failures  can't be listed here: ${kept.failuresUnknown}`];
  const lines = kept.failures.map((failure) =>
    failure.kind === 'shard'
      ? `failed    shard ${failure.shard}, examples ${failure.firstExample} to ${failure.lastExample}: ${failure.reason}`
      : `failed    example ${failure.example}: ${failure.reason}`,
  );
  if (lines.length === 0) return [];
  const more = lines.length - FAILURES_SHOWN;
  return [
    ...lines.slice(0, FAILURES_SHOWN),
    ...(more > 0 ? [`          and ${more} more: --json lists all`] : []),
    `          "perimeter retry ${run}" tries them again`,
  ];
}
