import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { PlanOverview, Published } from '../activities/interfaces.ts';
import { connectActivities, unwrapped, type RunActivities } from './connect-activities.ts';
import { pauseUpdate, progressQuery, resumeUpdate, setConcurrencyUpdate } from './messages.ts';
import { runRanges, type Ranges } from './run-ranges.ts';
import { runAttributes } from './search-attributes.ts';
import type { RunState, ShardsOfRun, SteeredRun } from './types.ts';

/** More than any fleet that was thought of needs (docs/scale.md). */
const MAX_CONCURRENCY = 2_000;

/** What a run does, in this order: plan, by its activities, `certify`, `publish`. */
export interface Steps extends RunActivities {
  /** Certifies shards of the plan; waits while the run is paused. */
  readonly certify: (work: ShardsOfRun) => Promise<void>;
  /** Publishes the results with what they cost. */
  readonly publish: (input: { maxFailedShare: number; generation?: number }) => Promise<Published>;
}

/**
 * Carries a run out as `body` says, and answers for it: the query `progress`, the updates `pause`, `resume` and
 * `setConcurrency`, and what Temporal's page shows of it.
 */
export async function steerRun(input: SteeredRun, body: (steps: Steps) => Promise<Published>): Promise<Published> {
  const { run, out } = input;
  const startedAt = new Date().toISOString();
  const activities = connectActivities(input);
  let state: RunState = 'planning';
  let paused = false;
  let { concurrency } = input;
  let plan: PlanOverview | undefined;
  let ranges: Ranges | undefined;

  const show = (shown: string) => {
    if (input.searchAttributes === true) upsertSearchAttributes([{ key: runAttributes.state, value: shown }]);
    const size = plan && `, ${plan.examples} examples in ${plan.shards} shards`;
    setCurrentDetails(`**${shown}**${size ?? ''}`);
  };
  const enter = (next: RunState) => {
    state = next;
    show(next);
  };
  const setPaused = async (value: boolean) => {
    paused = value;
    if (state === 'running' || state === 'paused') enter(paused ? 'paused' : 'running');
    await ranges?.shareOut();
  };
  const refuseWhenOver = () => {
    if (state === 'publishing' || state === 'finished')
      throw ApplicationFailure.nonRetryable(`Run ${run} has drawn its samples already.`);
  };
  setHandler(progressQuery, () => ({
    run,
    state,
    ...(plan && { plan }),
    concurrency,
    ranges: ranges?.progress() ?? [],
  }));
  setHandler(pauseUpdate, () => setPaused(true), { validator: refuseWhenOver });
  setHandler(resumeUpdate, () => setPaused(false), { validator: refuseWhenOver });
  setHandler(
    setConcurrencyUpdate,
    async (value) => {
      concurrency = value;
      await ranges?.shareOut();
    },
    {
      validator: (value) => {
        refuseWhenOver();
        if (Number.isInteger(value) && value >= 1 && value <= MAX_CONCURRENCY) return;
        throw ApplicationFailure.nonRetryable(
          `concurrency is ${String(value)}, but must be a whole number from 1 to ${MAX_CONCURRENCY}.`,
        );
      },
    },
  );

  try {
    const published = await body({
      ...activities,
      certify: async (work) => {
        ({ plan } = work);
        ranges = runRanges({ ...input, ...work, concurrency: () => (paused ? 0 : concurrency) });
        enter(paused ? 'paused' : 'running');
        await ranges.finish();
        await condition(() => !paused);
      },
      publish: async (which) => {
        enter('publishing');
        const metrics = {
          startedAt,
          finishedAt: new Date().toISOString(),
          ...(ranges?.cost() ?? { samplesDrawn: 0, batches: 0, inferenceSeconds: 0, samplerSeconds: 0 }),
        };
        return unwrapped(activities.control.publishRun({ run, out, ...which, metrics }));
      },
    });
    state = 'finished';
    show(published.failed > 0 ? 'incomplete' : 'finished');
    await condition(allHandlersFinished);
    return published;
  } catch (error) {
    await CancellationScope.nonCancellable(async () => {
      show(isCancellation(error) ? 'cancelled' : 'failed');
      await condition(allHandlersFinished);
    });
    throw error;
  }
}
