import { Command } from 'commander';
import { addTemporalFlags, connectClient, type TemporalFlags } from '../connect.ts';
import type { RunStatus } from '../runs.ts';

/** Runs listed where none is named. */
const LISTED = 20;

/** `perimeter status`: one run, or the latest. */
export function statusCommand(): Command {
  return addTemporalFlags(new Command('status'))
    .description('How far a run is; without a run, the latest runs.')
    .argument('[run]', "the run's id")
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  perimeter status 20260101-020000-3f9a1c')
    .action(async (run: string | undefined, { json, ...flags }: TemporalFlags & { json?: boolean }) => {
      const client = await connectClient(flags);
      const { fetchStatus, findRun, workflowIdOf } = await import('../runs.ts');
      try {
        if (run !== undefined) {
          const status = await fetchStatus(client, await findRun(client, run));
          process.stdout.write(json === true ? `${JSON.stringify(status)}\n` : describe(status));
          return;
        }
        let listed = 0;
        for await (const { workflowId, status, startTime } of client.workflow.list({
          query: 'WorkflowType = "certifyDataset"',
        })) {
          const id = workflowId.slice(workflowIdOf('').length);
          const state = status.name.toLowerCase();
          const started = startTime.toISOString();
          process.stdout.write(
            json === true ? `${JSON.stringify({ run: id, state, started })}\n` : `${id}  ${state}  ${started}\n`,
          );
          if (++listed === LISTED) break;
        }
        if (listed === 0 && json !== true) process.stdout.write('No runs.\n');
      } finally {
        await client.connection.close();
      }
    });
}

function describe(status: RunStatus): string {
  const share = status.samples === 0 ? 0 : Math.floor((100 * status.samplesDone) / status.samples);
  return [
    `run       ${status.run}`,
    `state     ${status.state}`,
    `examples  ${status.examplesFinished} of ${status.examples}, ${status.examplesFailed} failed`,
    `shards    ${status.shardsFinished} of ${status.shards}, ${status.shardsFailed} failed, up to ${status.concurrency} at once`,
    `samples   ${share} % of at most ${status.samples.toLocaleString('en')}`,
    ...(status.url === undefined ? [] : [`files     ${status.url}`]),
    ...(status.reason === undefined ? [] : [`failed    ${status.reason}`]),
    ...status.retrying.map((reason) => `retrying  ${reason}`),
    '',
  ].join('\n');
}
