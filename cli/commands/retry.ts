import { Command } from 'commander';
import { requirePlan } from '../../certification/plan-run.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { addTemporalFlags, type TemporalFlags } from '../connect.ts';
import { runByWorkers } from '../run-by-workers.ts';
import { keptRun } from '../run-location.ts';
import { signingKey } from '../signing-flags.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends TemporalFlags {
  readonly out?: string;
  readonly local?: boolean;
  readonly processes?: number;
  readonly concurrency?: number;
  readonly detach?: boolean;
  readonly sign?: string;
  readonly json?: boolean;
}

/** Where runs are kept unless anything says otherwise. */
const OUT = 'perimeter-results';

/** `perimeter retry`: the failed examples of a run, again. */
export function retryCommand(): Command {
  return addTemporalFlags(new Command('retry'))
    .description(
      "Try a run's failed examples again, and nothing else; what comes out is a new generation of its results.",
    )
    .argument('<run>', "the run's id, or its folder <out>/runs/<run>")
    .option('--out <uri>', `where the run is kept (default: where Temporal knows it to be, or ${OUT})`)
    .option('--local', 'in this process, without Temporal')
    .option('--processes <n>', 'with --local: model processes (default: one a core)', wholeNumber({ min: 1 }))
    .option('--concurrency <shards>', "shards at once (default: the run's own)", wholeNumber({ min: 1, max: 2_000 }))
    .option('--detach', 'start it and return; "perimeter status" follows it')
    .option('--sign <key>', "sign the new generation with this file's private key")
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
The noise is the run's own: an example comes out as it would have the first
time. The results before stay as they are, in their place.

Examples:
  perimeter retry nightly-7
  perimeter retry perimeter-results/runs/nightly-7 --local`,
    )
    .action(retry);
}

async function retry(name: string, flags: Flags) {
  const { local, processes, concurrency, detach, sign, json, ...temporal } = flags;
  const privateKey = await signingKey({ sign, detach });
  if (local === true) {
    const { retryLocally } = await import('../run-locally.ts');
    await retryLocally(keptRun(name, flags.out ?? OUT), { json, processes, privateKey });
    return;
  }
  await runByWorkers(
    { span: 'retry', run: name, temporal, detach, isOnItsWay: 'is tried again', privateKey, json },
    async (client) => {
      const { placeOf, startRetry } = await import('../runs.ts');
      const known = name.includes('/') || flags.out !== undefined ? undefined : await placeOf(client, name);
      const { out, run } = keptRun(name, flags.out ?? known ?? OUT);
      const plan = await requirePlan(openStore(out), run);
      const handle = await startRetry(client, { plan, out, ...(concurrency !== undefined && { concurrency }) });
      return { handle, run, out };
    },
  );
}
