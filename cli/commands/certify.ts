import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { certifyDataset } from '../../certification/certify-dataset.ts';
import { checkRequest } from '../../certification/check-request.ts';
import { readSummary } from '../../certification/read-summary.ts';
import { newRunId } from '../../certification/records/new-run-id.ts';
import { samplesPerExample } from '../../certification/records/plan.ts';
import type { Request } from '../../certification/records/request.ts';
import type { AnySummary } from '../../certification/records/summary.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { addTemporalFlags, connectClient, type TemporalFlags } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { progressDisplay, type ProgressDisplay } from '../progress-display.ts';
import { addRequestFlags, readRequest, type RequestFlags } from '../read-request.ts';
import { fetchStatus, findRun, runFailure, startRun, workflowIdOf, type RunHandle } from '../runs.ts';
import { printSummary } from '../print-summary.ts';

const POLL_MS = 500;

interface Flags extends TemporalFlags {
  readonly local?: boolean;
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly processes?: number;
}

/** `perimeter certify`: CERTIFY over a test set. */
export function certifyCommand(): Command {
  return sampleCommand('certify', 'certify')
    .description('Certify a test set: a class and an L2 radius for each example.')
    .addHelpText(
      'after',
      `
Examples:
  perimeter certify examples/fashion-mnist/request.yaml --local
  perimeter certify request.yaml --n 10000 --run nightly-7
  perimeter certify --model m.onnx --dataset test.npz --sigma 0.25 --out s3://bucket/runs`,
    );
}

/** `perimeter predict`: PREDICT over a test set. */
export function predictCommand(): Command {
  return sampleCommand('predict', 'predict')
    .description(
      "Predict with the smoothed classifier over a test set: a class and its test's p-value for each example.",
    )
    .addHelpText('after', '\nExample:\n  perimeter predict examples/fashion-mnist/request.yaml --n 1000 --local');
}

function sampleCommand(name: string, mode: Request['mode']): Command {
  const command = addTemporalFlags(addRequestFlags(new Command(name)))
    .option('--local', 'in this process, without Temporal')
    .option('--processes <n>', 'with --local: model processes (default: one a core)', Number)
    .option('--detach', 'start it and return; "perimeter status" follows it')
    .option('--json', 'print the result as one JSON object');
  return command.action(async (file: string | undefined, flags: Flags & RequestFlags) => {
    const { local, json, detach, processes, address, namespace, ...requestFlags } = flags;
    const request = readRequest(file, requestFlags, mode);
    checkRequest(request);
    const run = request.run ?? newRunId(new Date());
    if (local === true) {
      await runLocally({ ...request, run }, { json, processes });
      return;
    }
    const client = await connectClient({ ...(address && { address }), ...(namespace && { namespace }) });
    try {
      const handle = await startRun(client, { request, run });
      if (detach === true) {
        process.stdout.write(
          json === true ? `${JSON.stringify({ run })}\n` : `Run ${run} is under way: perimeter status ${run}\n`,
        );
        return;
      }
      await followRun({ client, handle, run, out: request.out, json: json === true });
    } finally {
      await client.connection.close();
    }
  });
}

async function runLocally(
  request: Request,
  { json, processes }: { json?: boolean | undefined; processes?: number | undefined },
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
        });
      },
    });
    display?.end();
    finish({ run: result.run, url: result.url, summary: result.summary, json: json === true });
  } catch (error) {
    display?.end();
    if (!stop.signal.aborted) throw error;
    process.stderr.write(`Interrupted: the same command with --run ${request.run ?? ''} goes on where it was.\n`);
    process.exitCode = exitCodes.failed;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** Shows a run's progress until it ends, then its result. An interrupt leaves the run alone. */
async function followRun({
  client,
  handle,
  run,
  out,
  json,
}: {
  client: Client;
  handle: RunHandle;
  run: string;
  out: string;
  json: boolean;
}) {
  const display = json ? undefined : progressDisplay(process.stderr);
  const interrupted = new Promise<'interrupted'>((resolve) =>
    process.once('SIGINT', () => {
      resolve('interrupted');
    }),
  );
  const over = handle.result().then(
    (published) => ({ published }),
    (error: unknown) => ({ error }),
  );
  let ended: Awaited<typeof over> | 'interrupted' | undefined;
  while (ended === undefined) {
    await showStatus({ client, run, display });
    ended = await Promise.race([over, interrupted, sleep(POLL_MS, undefined)]);
  }
  if (ended !== 'interrupted' && 'published' in ended) await showStatus({ client, run, display });
  display?.end();
  if (ended === 'interrupted') {
    process.stderr.write(`The run goes on without this window: perimeter status ${run}, or perimeter cancel ${run}\n`);
    return;
  }
  if ('error' in ended) throw runFailure(ended.error, run);
  const { summary } = await readSummary(openStore(out), run);
  finish({ run, url: ended.published.url, summary, json });
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
      note: `for ${workflowIdOf(run)}`,
    });
  }
}

function finish({ run, url, summary, json }: { run: string; url: string; summary: AnySummary; json: boolean }) {
  if (json) process.stdout.write(`${JSON.stringify({ run, url, summary })}\n`);
  else printSummary({ run, url, summary });
  if (summary.failed > 0) process.exitCode = exitCodes.finishedWithFailures;
}
