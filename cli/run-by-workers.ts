import type { Client } from '@temporalio/client';
import { inSpan } from '../workers/tracing.ts';
import { connectClient, type TemporalFlags } from './connect.ts';
import type { RunHandle } from './runs.ts';

/** A run that was just started. */
interface StartedRun {
  readonly handle: RunHandle;
  readonly run: string;
  /** Where it is kept. */
  readonly out: string;
}

/**
 * Starts a run on Temporal, in a trace's span, and follows it to its end; with `detach` it says instead that the run
 * `isOnItsWay`.
 *
 * @param options.privateKey PEM; signs the run at its end where it is there.
 */
export async function runByWorkers(
  options: {
    span: string;
    run: string;
    temporal: TemporalFlags;
    detach: boolean | undefined;
    isOnItsWay: string;
    privateKey: string | undefined;
    json: boolean | undefined;
  },
  start: (client: Client) => Promise<StartedRun>,
): Promise<void> {
  const { detach, isOnItsWay, privateKey } = options;
  const json = options.json === true;
  await inSpan(options.span, { 'perimeter.run': options.run }, async () => {
    const client = await connectClient(options.temporal);
    try {
      const { run, ...started } = await start(client);
      if (detach === true) {
        process.stdout.write(
          json ? `${JSON.stringify({ run })}\n` : `Run ${run} ${isOnItsWay}: perimeter status ${run}\n`,
        );
        return;
      }
      const { followRun } = await import('./follow-run.ts');
      await followRun({ client, run, ...started, privateKey, json });
    } finally {
      await client.connection.close();
    }
  });
}
