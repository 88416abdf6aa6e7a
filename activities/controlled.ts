import { asFailure } from './as-failure.ts';
import { withHeartbeats } from './heartbeats.ts';

/** The body of an activity of a control worker: it heartbeats, and has nothing to go on from. */
export function controlled<T>(body: () => Promise<T>): Promise<T> {
  return asFailure(() => withHeartbeats(() => undefined, body));
}
