import { certifyDataset } from '../../certification/certify-dataset.ts';
import { signRun } from '../../certification/sign-run.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { untilInterrupted, withProgress } from '../local-progress.ts';
import { progressDisplay } from '../progress-display.ts';
import { finishStudy } from './finish-study.ts';
import type { AskedStudy } from './read-study.ts';
import { failedRun, type RunOutcome } from './run-outcome.ts';

/**
 * Carries the runs of a study out in this process, one after another, signs each where there is a key (PEM), and prints
 * what the study found. A run that fails leaves the others to be carried out; an interrupt, all to be gone on with.
 */
export async function runStudyLocally(
  asked: AskedStudy,
  {
    json = false,
    processes,
    privateKey,
  }: { json?: boolean | undefined; processes?: number | undefined; privateKey?: string | undefined },
) {
  const { study, out, runs } = asked;
  const display = json ? undefined : progressDisplay(process.stderr);
  const interrupted = `the same command with --run ${study} goes on from its last finished shard`;
  await untilInterrupted({ display, interrupted }, async (signal) => {
    const outcomes: RunOutcome[] = [];
    for (const [at, request] of runs.entries()) {
      const note = `run ${request.run}, ${at + 1} of ${runs.length}`;
      try {
        const result = await certifyDataset(request, withProgress(display, { processes, signal, note }));
        const signed =
          privateKey === undefined ? undefined : await signRun({ store: openStore(out), run: request.run, privateKey });
        outcomes.push({ request, ...result, signed });
      } catch (error) {
        signal.throwIfAborted();
        outcomes.push(failedRun(request, error));
      }
      display?.end();
    }
    await finishStudy({ asked, outcomes, json });
  });
}
