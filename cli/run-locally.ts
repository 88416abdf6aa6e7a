import { certifyDataset } from '../certification/certify-dataset.ts';
import { samplesPerExample } from '../certification/records/plan.ts';
import type { Request } from '../certification/records/request.ts';
import { signRun } from '../certification/sign-run.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { exitCodes } from './exit-codes.ts';
import { finishRun } from './finish-run.ts';
import { progressDisplay } from './progress-display.ts';

/**
 * Carries a run out in this process, with progress, signs it where there is a key (PEM), and prints its result. An
 * interrupt leaves it to be gone on with.
 */
export async function runLocally(
  request: Request,
  {
    json,
    processes,
    privateKey,
  }: { json?: boolean | undefined; processes?: number | undefined; privateKey?: string | undefined },
) {
  const display = json === true ? undefined : progressDisplay(process.stderr);
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt);
  try {
    display?.show({ state: 'planning', examples: 0, examplesFinished: 0, samples: 0, samplesDone: 0 });
    const result = await certifyDataset(request, {
      ...(processes !== undefined && { processes }),
      signal: stop.signal,
      onProgress: ({ plan, examples }) => {
        const { dataset, sampling } = plan.claim;
        const perExample = samplesPerExample(sampling);
        display?.show({
          state: 'running',
          examples: dataset.count,
          examplesFinished: Math.floor(examples),
          samples: dataset.count * perExample,
          samplesDone: examples * perExample,
          sequential: sampling.mode === 'sequential',
        });
      },
    });
    display?.end();
    const { run, url, summary } = result;
    const signed =
      privateKey === undefined ? undefined : await signRun({ store: openStore(request.out), run, privateKey });
    finishRun({ run, url, summary, signed, json: json === true });
  } catch (error) {
    display?.end();
    if (!stop.signal.aborted) throw error;
    process.stderr.write(
      `Interrupted: the same command with --run ${request.run ?? ''} goes on from its last finished shard.\n`,
    );
    process.exitCode = exitCodes.failed;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
