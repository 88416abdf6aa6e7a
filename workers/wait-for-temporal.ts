import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';

/** Where a Temporal server is, and as whom to come. */
export type TemporalAddress = Pick<ConnectionOptions, 'tls' | 'metadata'> & { address: string; apiKey?: string };

/** Between two attempts: a server that comes back is found soon, and one that is away isn't bothered. */
const RETRY_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Waits until the Temporal server answers.
 *
 * A client asks, not a worker's own connection: a native one that fails takes the process's runtime with it, its logs and
 * metrics too.
 *
 * @param options.onFailure is told of each attempt that failed.
 * @param options.signal gives it up.
 */
export async function waitForTemporal(
  server: TemporalAddress,
  { onFailure, signal }: { onFailure: (error: unknown) => void; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const connection = await Connection.connect({ ...server, connectTimeout: CONNECT_TIMEOUT_MS });
      await connection.close();
      return;
    } catch (error) {
      onFailure(error);
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
