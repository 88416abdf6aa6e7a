import { chooseVictims } from './replica-set.ts';
import type { GpuNode, GpuNodes } from './gpu-nodes.ts';
import type { SimulatedRun, Task, TaskQueue } from './task-queue.ts';
import type { Timeline } from './timeline.ts';

/** From the container's start to the first poll: the process, and a tiny model on the device. */
const START_S = 15;
/** A sampler that is told to stop hands its shard over within this time (docs/operations.md). */
const HANDOVER_S = { least: 0.5, most: 5 } as const;
/** One with nothing to do just ends. */
const EXIT_S = 1;
/** A task's plan and examples, read at its beginning. */
const READ_S = 2;

interface Work {
  readonly task: Task;
  readonly startedAt: number;
  /** Before the first sample: model and data. */
  readonly overheadSeconds: number;
  readonly callOff: () => void;
}

interface Pod {
  readonly order: number;
  readonly createdAt: number;
  node: GpuNode | undefined;
  running: boolean;
  readyAt: number | undefined;
  terminating: boolean;
  work: Work | undefined;
  readonly loaded: Set<SimulatedRun>;
  /** Its used slots as the last scrape saw them. */
  scraped: number;
}

export interface SamplerPods {
  /** What the Deployment is told. */
  setReplicas(count: number): void;
  replicas(): number;
  /** Pods that aren't on their way out: `status.replicas`. */
  statusReplicas(): number;
  /** Idle samplers poll: one of them takes what has come to the queue. */
  offer(): void;
  /** A node has come. */
  schedule(): void;
  interrupt(node: GpuNode): void;
  /** `sum(temporal_worker_task_slots_used)`, as Prometheus has it. */
  usedSlots(): number;
  readonly counts: {
    /** Pods that were told to stop by the scaling while they had a task. */
    busyKills: number;
    /** The same, by spot interruptions. */
    interruptions: number;
    /** GPU time that a kill costs: the hand-over, and reading plan, data and perhaps the model for the next attempt. */
    redoneSeconds: number;
  };
}

/** The Deployment's pods: a sampler with one slot in each, and one pod a GPU. */
export function createSamplerPods({
  timeline,
  random,
  queue,
  nodes,
  scrapeSeconds,
}: {
  timeline: Timeline;
  random: () => number;
  queue: TaskQueue;
  nodes: GpuNodes;
  scrapeSeconds: number;
}): SamplerPods {
  const pods = new Set<Pod>();
  const counts = { busyKills: 0, interruptions: 0, redoneSeconds: 0 };
  let replicas = 0;

  const active = () => [...pods].filter(({ terminating }) => !terminating);
  const begin = (pod: Pod, task: Task) => {
    const { run } = task;
    const overheadSeconds = READ_S + (pod.loaded.has(run) ? 0 : run.loadSeconds);
    if (task.handedOver) counts.redoneSeconds += overheadSeconds;
    const callOff = timeline.after(overheadSeconds + task.secondsLeft, () => {
      pod.work = undefined;
      pod.loaded.add(run);
      task.done();
      offer();
    });
    pod.work = { task, startedAt: timeline.now(), overheadSeconds, callOff };
  };
  const offer = () => {
    for (;;) {
      const idle = active().filter(({ readyAt, work }) => readyAt !== undefined && work === undefined);
      if (idle.length === 0) return;
      const task = queue.take();
      if (task === undefined) return;
      begin(idle[Math.floor(random() * idle.length)], task);
    }
  };
  const stop = (pod: Pod, count: () => void) => {
    pod.terminating = true;
    const { work } = pod;
    let seconds = EXIT_S;
    if (work !== undefined) {
      count();
      work.callOff();
      const worked = timeline.now() - work.startedAt;
      const { task, overheadSeconds } = work;
      seconds = HANDOVER_S.least + (HANDOVER_S.most - HANDOVER_S.least) * random();
      counts.redoneSeconds += seconds;
      task.handedOver = true;
      task.secondsLeft -= Math.max(0, worked - overheadSeconds);
      timeline.after(seconds, () => {
        pod.work = undefined;
        queue.add(task);
        offer();
      });
    }
    timeline.after(seconds, () => {
      pods.delete(pod);
      if (pod.node !== undefined && !pod.node.ending) nodes.release(pod.node);
      schedule();
    });
  };
  const start = (pod: Pod, node: GpuNode) => {
    pod.node = node;
    nodes.occupy(node);
    pod.running = true;
    timeline.after(START_S, () => {
      if (pod.terminating) return;
      pod.readyAt = timeline.now();
      offer();
    });
    timeline.after(scrapeSeconds * random(), () => {
      timeline.every(scrapeSeconds, () => {
        pod.scraped = pod.work === undefined ? 0 : 1;
        return pods.has(pod);
      });
    });
  };
  const schedule = () => {
    const waiting = active().filter(({ node }) => node === undefined);
    for (const pod of waiting) {
      const node = nodes.free();
      if (node !== undefined) start(pod, node);
    }
    const lacking = active().filter(({ node }) => node === undefined).length - nodes.coming();
    for (let at = 0; at < lacking; at++) nodes.buy();
  };
  const reconcile = () => {
    const now = timeline.now();
    const present = active();
    for (const victim of chooseVictims(present, present.length - replicas, now)) {
      stop(victim, () => counts.busyKills++);
    }
    for (let at = present.length; at < replicas; at++) {
      pods.add({
        order: random(),
        createdAt: now,
        node: undefined,
        running: false,
        readyAt: undefined,
        terminating: false,
        work: undefined,
        loaded: new Set(),
        scraped: 0,
      });
    }
    schedule();
  };
  return {
    setReplicas: (count) => {
      if (count === replicas) return;
      replicas = count;
      reconcile();
    },
    replicas: () => replicas,
    statusReplicas: () => active().length,
    offer,
    schedule,
    interrupt: (node) => {
      for (const pod of active().filter((each) => each.node === node)) {
        stop(pod, () => counts.interruptions++);
      }
      reconcile();
    },
    usedSlots: () => [...pods].reduce((sum, { scraped }) => sum + scraped, 0),
    counts,
  };
}
