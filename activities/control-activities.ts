import { planRetry } from '../certification/plan-retry.ts';
import { planRun, requirePlan } from '../certification/plan-run.ts';
import { publishRun } from '../certification/publish-run.ts';
import { recordFailedExamples, recordFailedShard } from '../certification/failed-shards.ts';
import { latestGeneration } from '../certification/generations.ts';
import { samplesPerExample, type Plan } from '../certification/records/plan.ts';
import { runKeys } from '../certification/records/run-keys.ts';
import { openStore } from '../certification/storage/open-store.ts';
import type { Store } from '../certification/storage/store.ts';
import type { ControlActivities, PlanOverview } from './interfaces.ts';
import { controlled } from './controlled.ts';

/** Activities that need the store and no device. */
export function createControlActivities(): ControlActivities {
  return {
    planRun: ({ request, run, draft }) =>
      controlled(async () => {
        const store = openStore(request.out);
        const plan = await planRun({ store, request, run, draft, now: new Date() });
        return overviewOf(store, plan, { finished: (await latestGeneration(store, run)) !== undefined });
      }),
    planRetry: ({ out, run }) =>
      controlled(async () => {
        const store = openStore(out);
        const { plan, generation, shards, examples } = await planRetry(store, run);
        return {
          ...overviewOf(store, plan, { finished: false }),
          examples,
          shards: shards.length,
          generation,
          failedShards: shards,
          maxFailedShare: plan.request.maxFailedShare,
        };
      }),
    publishRun: ({ out, run, ...rest }) =>
      controlled(async () => {
        const store = openStore(out);
        const plan = await requirePlan(store, run);
        const { summary, generation } = await publishRun({ store, plan, ...rest });
        return {
          url: store.url(runKeys.folder(run)),
          generation,
          examples: summary.examples,
          failed: summary.failed,
        };
      }),
    recordFailedShard: ({ out, run, ...failed }) => controlled(() => recordFailedShard(openStore(out), run, failed)),
    recordFailedExamples: ({ out, run, shard }) => controlled(() => recordFailedExamples(openStore(out), run, shard)),
  };
}

function overviewOf(store: Store, plan: Plan, { finished }: { finished: boolean }): PlanOverview {
  const { run, claim, claimDigest, execution } = plan;
  const { sampling, dataset } = claim;
  const perExample = samplesPerExample(sampling);
  return {
    url: store.url(runKeys.folder(run)),
    finished,
    claimDigest,
    examples: dataset.count,
    shardSize: execution.shardSize,
    shards: execution.shards,
    samplesPerExample: perExample,
    sequential: sampling.mode === 'sequential',
    secondsPerShard: (execution.shardSize * perExample) / execution.samplesPerSecond,
  };
}
