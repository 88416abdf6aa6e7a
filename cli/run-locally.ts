import { certifyDataset, type CertifyOptions, type RunResult } from '../certification/certify-dataset.ts';
import type { Request } from '../certification/records/request.ts';
import { retryRun } from '../certification/retry-run.ts';
import { signRun } from '../certification/sign-run.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { finishRun } from './finish-run.ts';
import { untilInterrupted, withProgress } from './local-progress.ts';
import { progressDisplay } from './progress-display.ts';

interface LocalOptions {
  readonly json?: boolean | undefined;
  readonly processes?: number | undefined;
  /** PEM; signs the run where it is there. */
  readonly privateKey?: string | undefined;
}

/**
 * Carries a run out in this process, with progress, signs it where there is a key, and prints its result. An interrupt
 * leaves it to be gone on with.
 */
export async function runLocally(request: Request & { run: string }, options: LocalOptions) {
  await inThisProcess((following) => certifyDataset(request, following), {
    ...options,
    out: request.out,
    interrupted: `the same command with --run ${request.run} goes on from its last finished shard`,
  });
}

/** Draws a run's failed examples again in this process, like `runLocally`. */
export async function retryLocally({ out, run }: { out: string; run: string }, options: LocalOptions) {
  await inThisProcess((following) => retryRun({ ...following, out, run }), {
    ...options,
    out,
    interrupted: 'the same command tries again what has failed still',
  });
}

async function inThisProcess(
  carryOut: (options: CertifyOptions) => Promise<RunResult>,
  { json, processes, privateKey, out, interrupted }: LocalOptions & { out: string; interrupted: string },
) {
  const display = json === true ? undefined : progressDisplay(process.stderr);
  await untilInterrupted({ display, interrupted }, async (signal) => {
    const { run, url, summary, generation } = await carryOut(withProgress(display, { processes, signal }));
    display?.end();
    const signed = privateKey === undefined ? undefined : await signRun({ store: openStore(out), run, privateKey });
    finishRun({ run, url, generation, summary, signed, json: json === true });
  });
}
