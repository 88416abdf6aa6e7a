/**
 * A worker that was told to stop has ended by then, whatever it does: later than the heartbeat timeout (60 s), so that no
 * task is given to another while it may still be handed over, and sooner than a pod is killed (90 s) or a spot machine is
 * taken away (120 s).
 */
export const SHUTDOWN_MS = 75_000;
