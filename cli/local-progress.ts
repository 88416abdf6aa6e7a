import type { CertifyOptions } from '../certification/certify-dataset.ts';
import { samplesPerExample } from '../certification/records/plan.ts';
import { exitCodes } from './exit-codes.ts';
import type { ProgressDisplay } from './progress-display.ts';

/**
 * Does work that an interrupt ends, in this process: it then says that the run was `interrupted`, and how it goes on.
 *
 * @param work told of the interrupt by a signal.
 */
export async function untilInterrupted(
  { display, interrupted }: { display: ProgressDisplay | undefined; interrupted: string },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt);
  try {
    await work(stop.signal);
  } catch (error) {
    display?.end();
    if (!stop.signal.aborted) throw error;
    process.stderr.write(`Interrupted: ${interrupted}.\n`);
    process.exitCode = exitCodes.failed;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/**
 * Options of a run in this process that show how far it is, from its planning on.
 *
 * @param options.note said behind it.
 */
export function withProgress(
  display: ProgressDisplay | undefined,
  { processes, signal, note }: { processes: number | undefined; signal: AbortSignal; note?: string },
): CertifyOptions {
  const noted = { ...(note !== undefined && { note }) };
  display?.show({ state: 'planning', examples: 0, examplesFinished: 0, samples: 0, samplesDone: 0, ...noted });
  return {
    ...(processes !== undefined && { processes }),
    signal,
    onProgress: ({ plan, examples, of }) => {
      const { sampling } = plan.claim;
      const perExample = samplesPerExample(sampling);
      display?.show({
        state: 'running',
        examples: of,
        examplesFinished: Math.floor(examples),
        samples: of * perExample,
        samplesDone: examples * perExample,
        sequential: sampling.mode === 'sequential',
        ...noted,
      });
    },
  };
}
