import { Context } from '@temporalio/activity';

/** The SDK passes on fewer (see workers/): this is how often the newest progress is offered. */
export const HEARTBEAT_INTERVAL_MS = 500;

/**
 * Heartbeats for as long as `body` runs, with the details that `latest` gives, and once more at its end.
 */
export async function withHeartbeats<T>(latest: () => unknown, body: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = () => {
    context.heartbeat(latest());
  };
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  try {
    return await body();
  } finally {
    clearInterval(timer);
    beat();
  }
}
