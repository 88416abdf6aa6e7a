import { PerimeterError } from '../perimeter-error.ts';
import type { CountReply, CountRequest, ModelSetup, ProbeReply } from './process/model-process-messages.ts';
import { startModelProcess, type ModelProcess } from './process/model-process.ts';

/** Model processes of one device, all with the same model. */
export interface ModelPool {
  readonly setup: Omit<ModelSetup, 'fused'>;
  /** How many requests it takes at a time. */
  readonly places: number;
  readonly probe: ProbeReply;
  /** Of the model processes that are alive. */
  pids(): number[];
  /**
   * Counts classes on the next process that is free. One that died is started again first.
   *
   * @param signal says stop: what is under way is waited for, but not for ever.
   * @throws PerimeterError `ModelProcessFailed` where the process died or the run failed, `ModelProcessNotStarted` where
   * one could not be started again.
   */
  count(request: CountRequest, signal?: AbortSignal): Promise<CountReply>;
  close(): Promise<void>;
}

/** Rounding stays far below, in half precision too; a model that mixes its batch lies far above. */
const MAX_BATCH_DIFFERENCE = 0.01;

/** How many requests a model process takes at a time: a GPU goes on with the next one as soon as it has done with the last. */
function placesOf({ device }: Pick<ModelSetup, 'device'>): number {
  return device.kind === 'cuda' ? 2 : 1;
}

/**
 * Starts `processes` model processes. On a CPU, many with a thread each beat one with many threads: no thread waits
 * for another at the end of an operator, and the noise is drawn on every core (bench/sampling.ts measures it).
 *
 * @throws PerimeterError `InvalidModel` (a model that mixes the examples of a batch too), `ModelProcessFailed`; `ArithmeticMismatch` where two processes of this machine
 * give different logits.
 */
export async function openModelPool(setup: ModelSetup, processes: number): Promise<ModelPool> {
  const first = await startModelProcess(setup);
  const { probe } = first;
  if (!(probe.batchDifference <= MAX_BATCH_DIFFERENCE)) {
    await first.close();
    throw new PerimeterError(
      'InvalidModel',
      "The model mixes the examples of a batch: one input's logits changed with the others beside it, far beyond rounding. " +
        'Export it so that each example is classified by itself.',
    );
  }
  const start = async (): Promise<ModelProcess> => {
    const started = await startModelProcess(setup);
    if (started.probe.probe === probe.probe && started.probe.batchInvariant === probe.batchInvariant) return started;
    await started.close();
    throw new PerimeterError(
      'ArithmeticMismatch',
      `Two processes of this machine gave different logits on one probe batch (${probe.probe} and ${started.probe.probe}); the model can't be replayed here.`,
    );
  };

  const places = placesOf(setup);
  const members = new Set<ModelProcess>([first]);
  const idle: ModelProcess[] = [];
  const queue: (() => void)[] = [];
  let starting = 0;

  const add = (member: ModelProcess) => {
    members.add(member);
    for (let place = 0; place < places; place++) idle.push(member);
    for (const proceed of queue.splice(0, places)) proceed();
  };
  const release = (member: ModelProcess) => {
    if (member.alive) idle.push(member);
    else members.delete(member);
    queue.shift()?.();
  };
  add(first);
  const acquire = async (): Promise<ModelProcess> => {
    for (;;) {
      const member = idle.pop();
      if (member?.alive) return member;
      if (member !== undefined) members.delete(member);
      else if (members.size + starting < processes) {
        starting++;
        try {
          add(await start());
        } finally {
          starting--;
        }
      } else await new Promise<void>((resolve) => queue.push(resolve));
    }
  };

  const rest = await Promise.allSettled(Array.from({ length: processes - 1 }, start));
  for (const result of rest) {
    if (result.status === 'fulfilled') add(result.value);
  }
  const close = async () => {
    await Promise.all([...members].map((member) => member.close()));
  };
  const failed = rest.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }

  return {
    setup,
    places: processes * places,
    probe,
    pids: () => [...members].filter(({ alive }) => alive).map(({ pid }) => pid),
    count: async (request, signal) => {
      const member = await acquire();
      try {
        return await member.count(request, signal);
      } finally {
        release(member);
      }
    },
    close,
  };
}
