import type { Design } from './design.ts';
import { createGpuNodes } from './gpu-nodes.ts';
import { createHpa } from './hpa.ts';
import { createKeda } from './keda.ts';
import { runShards, type RunState } from './run-shards.ts';
import { createSamplerPods } from './sampler-pods.ts';
import { seededRandom } from './seeded-random.ts';
import { createTaskQueue, type SimulatedRun } from './task-queue.ts';
import { createTimeline } from './timeline.ts';

/** The controller manager's `--horizontal-pod-autoscaler-sync-period`. */
const HPA_SYNC_S = 15;
const SCRAPE_S = 30;

export interface Night {
  readonly name: string;
  readonly runs: (random: () => number) => readonly SimulatedRun[];
  /** What is billed until then counts, whatever still runs. */
  readonly hours: number;
  readonly prometheus: boolean;
  readonly spotMeanHours?: number;
}

export interface Outcome {
  /** Of sampling: what the same work costs on a GPU that does nothing else. */
  readonly workHours: number;
  readonly billedHours: number;
  readonly busyKills: number;
  readonly interruptions: number;
  /** What kills and interruptions cost. */
  readonly redoneHours: number;
  readonly runs: readonly RunState[];
}

/** One night of one design, the same for the same seed. */
export function simulateNight({ night, design, seed }: { night: Night; design: Design; seed: number }): Outcome {
  const timeline = createTimeline();
  const queue = createTaskQueue();
  // Of their own, so that all designs have the same work.
  const runs = night.runs(seededRandom(seed));
  const random = seededRandom(seed + 1_000_000);
  const nodes = createGpuNodes({
    timeline,
    random,
    limit: design.maxReplicaCount,
    consolidateAfterSeconds: design.consolidateAfterSeconds,
    spotMeanHours: night.spotMeanHours,
    onChange: () => {
      pods.schedule();
    },
    onInterruption: (node) => {
      pods.interrupt(node);
    },
  });
  const pods = createSamplerPods({ timeline, random, queue, nodes, scrapeSeconds: SCRAPE_S });
  const states = runs.map((run) =>
    runShards({
      run,
      queue,
      timeline,
      onTask: () => {
        pods.offer();
      },
    }),
  );
  const keda = createKeda(design, {
    waiting: () => queue.waiting(),
    usedSlots: () => (night.prometheus ? pods.usedSlots() : undefined),
    workflowsRun: () =>
      states.some(({ run, finishedAt }) => run.startsAt <= timeline.now() && finishedAt === undefined),
    replicas: () => pods.replicas(),
  });
  const hpa = createHpa({ minReplicas: 1, maxReplicas: design.maxReplicaCount, behavior: design.behavior });
  timeline.after(HPA_SYNC_S * random(), () => {
    timeline.every(HPA_SYNC_S, () => {
      const replicas = pods.replicas();
      const look = { now: timeline.now(), replicas, statusReplicas: pods.statusReplicas() };
      // At 0 the controller doesn't ask.
      const next = hpa.sync({ ...look, metrics: replicas === 0 ? [] : keda.metrics() });
      pods.setReplicas(next);
      return true;
    });
  });
  timeline.after(design.pollingInterval * random(), () => {
    timeline.every(design.pollingInterval, () => {
      const next = keda.poll(timeline.now());
      if (next !== undefined) pods.setReplicas(next);
      return true;
    });
  });
  timeline.runUntil(night.hours * 3_600);

  const { busyKills, interruptions, redoneSeconds } = pods.counts;
  const seconds = runs.flatMap(({ shardSeconds }) => shardSeconds).reduce((sum, each) => sum + each, 0);
  return {
    workHours: seconds / 3_600,
    billedHours: nodes.billedSeconds() / 3_600,
    busyKills,
    interruptions,
    redoneHours: redoneSeconds / 3_600,
    runs: states,
  };
}
