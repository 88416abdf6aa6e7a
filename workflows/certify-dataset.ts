import type { Published } from '../activities/interfaces.ts';
import { unwrapped } from './connect-activities.ts';
import { steerRun } from './steer-run.ts';
import type { CertifyDatasetInput } from './types.ts';

/**
 * Certifies a test set: drafts the claim on a sampler, freezes the plan, certifies the shards in ranges, and publishes
 * the results. Updates pause and resume it and set its concurrency; cancelling it leaves no task under way.
 */
export async function certifyDataset(input: CertifyDatasetInput): Promise<Published> {
  const { request, run } = input;
  return steerRun(
    { ...input, out: request.out, concurrency: request.concurrency },
    async ({ samplers, control, certify, publish }) => {
      const draft = await unwrapped(samplers.draftClaim(request));
      const plan = await unwrapped(control.planRun({ request, run, draft }));
      await certify({ plan, shards: plan.finished ? 0 : plan.shards });
      return publish({ maxFailedShare: request.maxFailedShare });
    },
  );
}
