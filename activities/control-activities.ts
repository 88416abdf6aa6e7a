import { planRun } from '../certification/plan-run.ts';
import { recordFailedShard } from '../certification/failed-shards.ts';
import { publishRun } from '../certification/publish-run.ts';
import { samplesPerExample } from '../certification/records/plan.ts';
import { runKeys } from '../certification/records/run-keys.ts';
import { openStore } from '../certification/storage/open-store.ts';
import type { ControlActivities } from './interfaces.ts';
import { asFailure } from './as-failure.ts';
import { withHeartbeats } from './heartbeats.ts';
import { requirePlan } from './read-plan.ts';

/** Activities that need the store and no device. */
export function createControlActivities(): ControlActivities {
  return {
    planRun: ({ request, run, draft }) =>
      controlled(async () => {
        const store = openStore(request.out);
        const { claim, claimDigest, execution } = await planRun({ store, request, run, draft, now: new Date() });
        const perExample = samplesPerExample(claim.sampling);
        return {
          url: store.url(runKeys.folder(run)),
          finished: await store.has(runKeys.manifest(run)),
          claimDigest,
          examples: claim.dataset.count,
          shardSize: execution.shardSize,
          shards: execution.shards,
          samplesPerExample: perExample,
          sequential: claim.sampling.mode === 'sequential',
          secondsPerShard: (execution.shardSize * perExample) / execution.samplesPerSecond,
        };
      }),
    publishRun: ({ out, run, ...rest }) =>
      controlled(async () => {
        const store = openStore(out);
        const plan = await requirePlan(store, run);
        const { examples, failed } = await publishRun({ store, plan, ...rest });
        return { url: store.url(runKeys.folder(run)), examples, failed };
      }),
    recordFailedShard: ({ out, run, ...failed }) => controlled(() => recordFailedShard(openStore(out), run, failed)),
  };
}

function controlled<T>(body: () => Promise<T>): Promise<T> {
  return asFailure(() => withHeartbeats(() => undefined, body));
}
