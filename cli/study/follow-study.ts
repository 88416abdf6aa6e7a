import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { readSummary } from '../../certification/read-summary.ts';
import { signRun } from '../../certification/sign-run.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { exitCodes } from '../exit-codes.ts';
import { progressDisplay, type Progress } from '../progress-display.ts';
import { runResult } from '../run-result.ts';
import { fetchStatus, runFailure, type RunStatus } from '../runs.ts';
import { finishStudy } from './finish-study.ts';
import type { AskedStudy } from './read-study.ts';
import { failedRun, type FailedRun, type RunOutcome } from './run-outcome.ts';
import type { StartedRun } from './run-study-by-workers.ts';

const POLL_MS = 500;
/** A status asks each run and its ranges: of a large study it takes longer, and is asked for less often. */
const POLL_TIMES_TAKEN = 5;

/**
 * Shows how far the runs of a study are together until all have ended, signs those that are finished where there is a key
 * (PEM), then shows what the study found. An interrupt leaves the runs alone.
 */
export async function followStudy({
  client,
  asked,
  runs,
  privateKey,
  json,
}: {
  client: Client;
  asked: AskedStudy;
  runs: readonly (StartedRun | FailedRun)[];
  privateKey: string | undefined;
  json: boolean;
}) {
  const display = json ? undefined : progressDisplay(process.stderr);
  const interrupted = new Promise<'interrupted'>((resolve) =>
    process.once('SIGINT', () => {
      resolve('interrupted');
    }),
  );
  const over = Promise.all(runs.map((run) => outcomeOf(run, { out: asked.out, privateKey }))).then(
    (outcomes) => ({ outcomes }),
    (error: unknown) => ({ error }),
  );
  const started = runs.filter((run) => 'handle' in run);
  let ended: Awaited<typeof over> | 'interrupted' | undefined;
  while (ended === undefined) {
    const begun = performance.now();
    display?.show(await progressOf(client, started));
    const wait = Math.max(POLL_MS, POLL_TIMES_TAKEN * (performance.now() - begun));
    ended = await Promise.race([over, interrupted, sleep(wait, undefined)]);
  }
  if (ended !== 'interrupted') display?.show(await progressOf(client, started));
  display?.end();
  if (ended === 'interrupted') {
    process.stderr.write(
      `The runs go on without this window: the same command with --run ${asked.study} follows them again.\n`,
    );
    process.exitCode = exitCodes.failed;
    return;
  }
  if ('error' in ended) throw ended.error;
  await finishStudy({ asked, outcomes: ended.outcomes, json });
}

async function outcomeOf(
  started: StartedRun | FailedRun,
  { out, privateKey }: { out: string; privateKey: string | undefined },
): Promise<RunOutcome> {
  if ('failure' in started) return started;
  const { request, handle } = started;
  const { run } = request;
  try {
    const { url, generation } = await runResult(handle);
    const store = openStore(out);
    const { summary } = await readSummary(store, run, generation);
    const signed = privateKey === undefined ? undefined : await signRun({ store, run, privateKey });
    return { request, url, generation, summary, signed };
  } catch (error) {
    const failure = runFailure(error, run);
    // Terminated, or timed out.
    if (failure instanceof WorkflowFailedError) {
      const message = `Run ${run} ended without a result: ${failure.cause?.message ?? failure.message}.`;
      return failedRun(request, new PerimeterError('RunCancelled', message, { cause: failure }));
    }
    return failedRun(request, failure);
  }
}

/** How far the runs are together. A server that is busy or being restarted answers the next time. */
async function progressOf(client: Client, started: readonly StartedRun[]): Promise<Progress> {
  const nothing = { examples: 0, examplesFinished: 0, samples: 0, samplesDone: 0 };
  try {
    const statuses: RunStatus[] = [];
    for (const { handle } of started) statuses.push(await fetchStatus(client, handle));
    return summedProgress(statuses);
  } catch {
    return { state: 'waiting', ...nothing, note: 'no control worker answers' };
  }
}

/** Runs that aren't planned yet count nothing, so the share done may fall when they are. */
function summedProgress(statuses: readonly RunStatus[]): Progress {
  const sum = (of: (status: RunStatus) => number) => statuses.reduce((total, status) => total + of(status), 0);
  const finished = statuses.filter(({ state }) => state === 'finished').length;
  const open = statuses.find(({ state }) => state === 'running') ?? statuses.find(({ state }) => state !== 'finished');
  const retrying = statuses.flatMap((status) => status.retrying).at(0);
  return {
    state: open?.state ?? 'finished',
    examples: sum(({ examples }) => examples),
    examplesFinished: sum(({ examplesFinished }) => examplesFinished),
    samples: sum(({ samples }) => samples),
    samplesDone: sum(({ samplesDone }) => samplesDone),
    sequential: statuses.some(({ sequential }) => sequential),
    note: retrying === undefined ? `${finished} of ${statuses.length} runs finished` : `retrying: ${retrying}`,
  };
}
