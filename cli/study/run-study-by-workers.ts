import type { Client } from '@temporalio/client';
import { inSpan } from '../../workers/tracing.ts';
import { connectClient, type TemporalFlags } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { RunHandle } from '../runs.ts';
import type { AskedStudy } from './read-study.ts';
import { failedRun, type FailedRun } from './run-outcome.ts';
import type { StudyRequest } from '../../certification/studies/study-runs.ts';

/** A run of a study whose workflow is there. */
export interface StartedRun {
  readonly request: StudyRequest;
  readonly handle: RunHandle;
}

/**
 * Starts the runs of a study on Temporal, all at once, or finds those that are under way, and follows them to their ends;
 * with `detach` it says instead that they are under way.
 *
 * @param options.privateKey PEM; signs each run at its end where it is there.
 */
export async function runStudyByWorkers(
  asked: AskedStudy,
  {
    temporal,
    detach = false,
    privateKey,
    json = false,
  }: {
    temporal: TemporalFlags;
    detach?: boolean | undefined;
    privateKey?: string | undefined;
    json?: boolean | undefined;
  },
): Promise<void> {
  await inSpan('certify', { 'perimeter.run': asked.study }, async () => {
    const client = await connectClient(temporal);
    try {
      const runs = await startAll(client, asked);
      if (detach) {
        tellStarted(asked, runs, json);
        return;
      }
      const { followStudy } = await import('./follow-study.ts');
      await followStudy({ client, asked, runs, privateKey, json });
    } finally {
      await client.connection.close();
    }
  });
}

async function startAll(client: Client, { runs }: AskedStudy): Promise<(StartedRun | FailedRun)[]> {
  const { startRun } = await import('../runs.ts');
  const started: (StartedRun | FailedRun)[] = [];
  for (const request of runs) {
    try {
      started.push({ request, handle: await startRun(client, { request, run: request.run }) });
    } catch (error) {
      started.push(failedRun(request, error));
    }
  }
  return started;
}

function tellStarted({ study }: AskedStudy, runs: readonly (StartedRun | FailedRun)[], json: boolean) {
  const failed = runs.filter((run) => 'failure' in run);
  if (json) {
    const each = runs.map(({ request: { run }, ...of }) => ({
      run,
      ...('failure' in of && { error: { code: of.failure.code, message: of.failure.message } }),
    }));
    process.stdout.write(`${JSON.stringify({ study, runs: each })}\n`);
  } else {
    for (const run of runs) {
      if (!('failure' in run)) process.stdout.write(`Run ${run.request.run} is under way.\n`);
    }
    process.stdout.write(
      `Study ${study}: the same command with --run ${study}, and without --detach, follows it and makes its table.\n`,
    );
  }
  for (const { request, failure } of failed) {
    process.stderr.write(`perimeter: run ${request.run} could not be started: ${failure.message}\n`);
  }
  if (failed.length > 0) process.exitCode = exitCodes.failed;
}
