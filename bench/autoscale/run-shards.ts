import type { SimulatedRun, TaskQueue } from './task-queue.ts';
import type { Timeline } from './timeline.ts';

/** A completed activity's way through the server and the control worker to the run's next one. */
const DECISION_S = 0.1;
/** `n0` of the samples that sequential mode takes of an example on average. */
const SELECTION_SHARE = 0.01;

/** What is known of a run while it goes on. */
export interface RunState {
  readonly run: SimulatedRun;
  finishedAt: number | undefined;
}

/** Carries a run out as its workflow does: a window of shards under way, each of them selection and then estimation. */
export function runShards({
  run,
  queue,
  timeline,
  onTask,
}: {
  run: SimulatedRun;
  queue: TaskQueue;
  timeline: Timeline;
  /** A task has come to the queue. */
  onTask: () => void;
}): RunState {
  const state: RunState = { run, finishedAt: undefined };
  const { shardSeconds, window, paused, startsAt } = run;
  let next = 0;
  let underWay = 0;
  let finished = 0;

  const isPaused = () => paused !== undefined && timeline.now() >= paused.from && timeline.now() < paused.until;
  const schedule = (secondsLeft: number, done: () => void) => {
    queue.add({ run, secondsLeft, handedOver: false, done: () => timeline.after(DECISION_S, done) });
    onTask();
  };
  const fill = () => {
    while (underWay < window && next < shardSeconds.length && !isPaused()) {
      const seconds = shardSeconds[next++];
      underWay++;
      schedule(SELECTION_SHARE * seconds, () => {
        schedule((1 - SELECTION_SHARE) * seconds, () => {
          underWay--;
          finished++;
          if (finished === shardSeconds.length) state.finishedAt = timeline.now();
          fill();
        });
      });
    }
  };
  timeline.after(startsAt, fill);
  if (paused !== undefined) timeline.after(paused.until, fill);
  return state;
}
