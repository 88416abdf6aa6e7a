import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkerCli, type WorkerCli } from '../../support/worker-cli.ts';
import type { Prometheus } from './start-prometheus.ts';

const LOOK_MS = 250;
/** As long as the manifest's `terminationGracePeriodSeconds`. */
const GRACE_MS = 90_000;

/** A pod of the API, as far as it is looked at here. */
interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: { readonly phase: string };
}

export interface SamplerPods {
  /** How many were Running, each time that it changed. */
  readonly counts: readonly number[];
  /** What the samplers of all pods that there were have logged of a run. */
  messages(run: string): string[];
  stop(): Promise<void>;
}

/**
 * Does what a kubelet would for pods that exist only in the API: starts a real `perimeter worker --role sampler` for each
 * that is Running, and tells it to end (SIGTERM) when the pod is deleted. Prometheus scrapes all that are there.
 */
export function startSamplerPods({
  api,
  address,
  prometheus,
}: {
  /** Of an API server that asks nobody who he is (`kubectl proxy`). */
  api: string;
  /** Temporal's. */
  address: string;
  prometheus: Prometheus;
}): SamplerPods {
  const cleanUps: (() => void)[] = [];
  const running = new Map<string, Promise<WorkerCli>>();
  const all: WorkerCli[] = [];
  const targets = new Set<string>();
  const ending = new Set<Promise<void>>();
  const counts: number[] = [];
  const stopping = new AbortController();

  const start = async (): Promise<WorkerCli> => {
    const worker = await startWorkerCli({ address, role: 'sampler' }, (cleanUp) => cleanUps.push(cleanUp));
    all.push(worker);
    targets.add(worker.metricsAddress);
    prometheus.scrape([...targets]);
    return worker;
  };
  const end = async (started: Promise<WorkerCli>) => {
    const worker = await started;
    await worker.stop(GRACE_MS);
    targets.delete(worker.metricsAddress);
    prometheus.scrape([...targets]);
  };
  const look = async () => {
    const url = `${api}/api/v1/namespaces/perimeter/pods?labelSelector=app.kubernetes.io/name=sampler`;
    const { items } = (await (await fetch(url)).json()) as { items: Pod[] };
    const present = new Set(
      items
        .filter(({ metadata, status }) => status.phase === 'Running' && metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.name),
    );
    for (const [pod, started] of running) {
      if (present.has(pod)) continue;
      running.delete(pod);
      const over = end(started).finally(() => ending.delete(over));
      ending.add(over);
    }
    for (const pod of present) {
      if (!running.has(pod)) running.set(pod, start());
    }
    if (counts.at(-1) !== present.size) counts.push(present.size);
  };
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(LOOK_MS);
    }
  })();
  return {
    counts,
    messages: (run) =>
      all
        .flatMap((worker) => worker.logged())
        .filter((line) => line.run === run)
        .map(({ message }) => String(message)),
    stop: async () => {
      stopping.abort();
      await looking;
      for (const started of running.values()) await (await started).kill();
      await Promise.all(ending);
      for (const cleanUp of cleanUps) cleanUp();
    },
  };
}
