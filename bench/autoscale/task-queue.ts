/** A run's shards as a sampler's queue sees them. */
export interface SimulatedRun {
  readonly name: string;
  /** Seconds from the night's beginning. */
  readonly startsAt: number;
  /** Of sampling, each. */
  readonly shardSeconds: readonly number[];
  /** Most shards under way at once: the request's `concurrency`. */
  readonly window: number;
  readonly priority: number;
  /** Reading and preparing model and data set, once for each sampler that draws for the run. */
  readonly loadSeconds: number;
  /** While it is paused no further shard is begun. */
  readonly paused?: { readonly from: number; readonly until: number };
}

/** One activity: a shard's selection, or its estimation. */
export interface Task {
  readonly run: SimulatedRun;
  /** Sampling left to do: less than all where another attempt handed it over. */
  secondsLeft: number;
  handedOver: boolean;
  /** What the workflow does when it is done. */
  readonly done: () => void;
}

/** The sampler queue of Temporal's server. */
export interface TaskQueue {
  add(task: Task): void;
  /** The next task to hand out: of the lowest priority number, in turns between runs, oldest first. */
  take(): Task | undefined;
  /** `ApproximateBacklogCount`: what nobody works on yet. */
  waiting(): number;
}

export function createTaskQueue(): TaskQueue {
  const waiting = new Map<SimulatedRun, Task[]>();
  /** How often it was a run's turn. A run that has come later doesn't make up for it. */
  const turns = new Map<SimulatedRun, number>();
  return {
    add: (task) => {
      const { run } = task;
      const others = [...waiting.keys()].filter(({ priority }) => priority === run.priority);
      const least = Math.min(...others.map((other) => turns.get(other) ?? 0));
      if (!waiting.has(run)) turns.set(run, Math.max(turns.get(run) ?? 0, Number.isFinite(least) ? least : 0));
      waiting.set(run, [...(waiting.get(run) ?? []), task]);
    },
    take: () => {
      const [run] = [...waiting.keys()].sort(
        (a, b) => a.priority - b.priority || (turns.get(a) ?? 0) - (turns.get(b) ?? 0),
      );
      const tasks = waiting.get(run);
      const task = tasks?.shift();
      if (tasks === undefined || task === undefined) return undefined;
      turns.set(run, (turns.get(run) ?? 0) + 1);
      if (tasks.length === 0) waiting.delete(run);
      return task;
    },
    waiting: () => [...waiting.values()].reduce((sum, tasks) => sum + tasks.length, 0),
  };
}
