import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { readSummary } from '../certification/read-summary.ts';
import { signRun } from '../certification/sign-run.ts';
import { openStore } from '../certification/storage/open-store.ts';
import { exitCodes } from './exit-codes.ts';
import { finishRun } from './finish-run.ts';
import { progressDisplay, type ProgressDisplay } from './progress-display.ts';
import { runResult } from './run-result.ts';
import { fetchStatus, findRun, runFailure, type RunHandle } from './runs.ts';

const POLL_MS = 500;
/** A status asks each range under way: of a large run it takes longer, and is asked for less often. */
const POLL_TIMES_TAKEN = 5;

/**
 * Shows a run's progress until it ends, signs it where there is a key (PEM), then shows its result. An interrupt leaves
 * the run alone.
 */
export async function followRun({
  client,
  handle,
  run,
  out,
  privateKey,
  json,
}: {
  client: Client;
  handle: RunHandle;
  run: string;
  out: string;
  privateKey: string | undefined;
  json: boolean;
}) {
  const display = json ? undefined : progressDisplay(process.stderr);
  const interrupted = new Promise<'interrupted'>((resolve) =>
    process.once('SIGINT', () => {
      resolve('interrupted');
    }),
  );
  const over = runResult(handle).then(
    (published) => ({ published }),
    (error: unknown) => ({ error }),
  );
  let ended: Awaited<typeof over> | 'interrupted' | undefined;
  while (ended === undefined) {
    const asked = performance.now();
    await showStatus({ client, run, display });
    const wait = Math.max(POLL_MS, POLL_TIMES_TAKEN * (performance.now() - asked));
    ended = await Promise.race([over, interrupted, sleep(wait, undefined)]);
  }
  if (ended !== 'interrupted' && 'published' in ended) await showStatus({ client, run, display });
  display?.end();
  if (ended === 'interrupted') {
    process.stderr.write(`The run goes on without this window: perimeter status ${run}, or perimeter cancel ${run}\n`);
    if (privateKey !== undefined) {
      process.stderr.write(`It is not signed: perimeter sign ${run} --key … does that once it is finished.\n`);
    }
    process.exitCode = exitCodes.failed;
    return;
  }
  if ('error' in ended) throw runFailure(ended.error, run);
  const store = openStore(out);
  const { url, generation } = ended.published;
  const { summary } = await readSummary(store, run, generation);
  const signed = privateKey === undefined ? undefined : await signRun({ store, run, privateKey });
  finishRun({ run, url, generation, summary, signed, json });
}

/** A server that is busy or being restarted answers the next time. */
async function showStatus({
  client,
  run,
  display,
}: {
  client: Client;
  run: string;
  display: ProgressDisplay | undefined;
}) {
  if (display === undefined) return;
  try {
    const status = await fetchStatus(client, await findRun(client, run));
    const note = status.retrying.length > 0 ? `retrying: ${status.retrying[0]}` : undefined;
    display.show({ ...status, ...(note !== undefined && { note }) });
  } catch {
    display.show({
      state: 'waiting',
      examples: 0,
      examplesFinished: 0,
      samples: 0,
      samplesDone: 0,
      note: `no control worker answers for run ${run}`,
    });
  }
}
