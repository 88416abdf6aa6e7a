import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { addTemporalFlags, connectClient, type TemporalFlags } from '../connect.ts';
import { describeStatus, inStore } from '../describe-status.ts';

/** Runs listed where none is named. */
const LISTED = 20;

/** `perimeter status`: one run, or the latest. */
export function statusCommand(): Command {
  return addTemporalFlags(new Command('status'))
    .description('How far a run is, and what of it failed; without a run, the latest runs.')
    .argument('[run]', "the run's id")
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  perimeter status 20260101-020000-3f9a1c')
    .action(async (run: string | undefined, { json, ...flags }: TemporalFlags & { json?: boolean }) => {
      const client = await connectClient(flags);
      try {
        await (run === undefined ? printRuns(client, json === true) : showRun(client, run, json === true));
      } finally {
        await client.connection.close();
      }
    });
}

async function showRun(client: Client, run: string, json: boolean) {
  const { fetchStatus, findRun } = await import('../runs.ts');
  const status = await fetchStatus(client, await findRun(client, run));
  const kept = await inStore(status);
  process.stdout.write(json ? `${JSON.stringify({ ...status, ...kept })}\n` : describeStatus(status, kept));
}

async function printRuns(client: Client, json: boolean) {
  const { listRuns, RUNS } = await import('../runs.ts');
  let count = 0;
  for await (const { run, state, startedAt: started } of listRuns(client, RUNS)) {
    process.stdout.write(json ? `${JSON.stringify({ run, state, started })}\n` : `${run}  ${state}  ${started}\n`);
    if (++count === LISTED) break;
  }
  if (count === 0 && !json) process.stdout.write('No runs.\n');
}
