import { Context } from '@temporalio/activity';

/** The SDK passes on fewer (see workers/): this is how often the newest progress is offered. */
export const HEARTBEAT_INTERVAL_MS = 500;

/**
 * Heartbeats for as long as `body` runs, with the details that `latest` gives, and once more where it fails: another
 * attempt goes on from there. Where it succeeds nobody would read it.
 */
export async function withHeartbeats<T>(latest: () => unknown, body: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = () => {
    context.heartbeat(latest());
  };
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  try {
    return await body();
  } catch (error) {
    beat();
    throw error;
  } finally {
    clearInterval(timer);
  }
}
