import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardedProcess } from '../cli/dev/spawn-guarded.ts';

/** As a cluster's supervisor waits before it starts what has ended. */
const RESTART_MS = 1_000;
const WATCH_MS = 100;

/** A process that is started again whenever it has ended. */
export interface Supervised {
  readonly name: string;
  /** The process of now, or the last one. */
  current(): GuardedProcess;
  /** How often it has ended, killed or by itself. */
  ends(): number;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Starts a process, and again a second after each time that it has ended. */
export async function supervise(name: string, start: () => Promise<GuardedProcess>): Promise<Supervised> {
  let current = await start();
  const stop = new AbortController();
  const isOver = () => stop.signal.aborted;
  let ends = 0;
  const watching = (async () => {
    for (;;) {
      while (!isOver() && !current.ended()) await sleep(WATCH_MS);
      if (isOver()) return;
      ends++;
      await sleep(RESTART_MS);
      current = await start();
    }
  })();
  return {
    name,
    current: () => current,
    ends: () => ends,
    stop: async () => {
      stop.abort();
      await watching;
      await current.kill();
    },
  };
}
