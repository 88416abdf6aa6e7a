import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { Published } from '../activities/interfaces.ts';
import type { RunHandle } from './runs.ts';

/** gRPC's UNAVAILABLE: nobody answers, or the server says that it can't just now. */
const UNAVAILABLE = 14;
/** Between two series of the client's own retries, which take seconds. */
const ASK_AGAIN_MS = 1_000;

/**
 * Waits for a run's result, for as long as it takes: where the server is away the run isn't, and it is asked again.
 *
 * @throws what the run failed with, or what the client was refused with.
 */
export async function runResult(handle: Pick<RunHandle, 'result'>): Promise<Published> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}

function isUnavailable(error: unknown): boolean {
  const answer = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(answer) && (answer.code as number) === UNAVAILABLE;
}
