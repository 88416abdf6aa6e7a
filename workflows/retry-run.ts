import type { Published } from '../activities/interfaces.ts';
import { unwrapped } from './connect-activities.ts';
import { steerRun } from './steer-run.ts';
import type { RetryRunInput } from './types.ts';

/**
 * Draws the failed examples of a run again and nothing else, and publishes what came out as a new generation of its
 * results. Steered like `certifyDataset`.
 */
export async function retryRun(input: RetryRunInput): Promise<Published> {
  const { run, out } = input;
  return steerRun(input, async ({ control, certify, publish }) => {
    const { failedShards, generation, maxFailedShare, ...plan } = await unwrapped(control.planRetry({ run, out }));
    await certify({ plan, shards: failedShards, generation });
    return publish({ maxFailedShare, generation });
  });
}
