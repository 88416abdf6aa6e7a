import { Command } from 'commander';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { addTemporalFlags, connectClient, type TemporalFlags } from '../connect.ts';
import { wholeNumber } from '../whole-number.ts';
import type { RunHandle } from '../runs.ts';

/** `perimeter cancel` */
export function cancelCommand(): Command {
  return controlCommand('cancel', 'End a run; what is in the store stays, and the same request goes on from it.', {
    act: async (handle) => {
      await handle.cancel();
      // Over only when no sampler works for it any more.
      await handle.result().catch(() => undefined);
      const { status } = await handle.describe();
      if (status.name === 'CANCELLED') return;
      throw new PerimeterError('InvalidRequest', `The run was not cancelled: it is ${status.name.toLowerCase()}.`);
    },
    done: 'is cancelled',
  });
}

/** `perimeter pause` */
export function pauseCommand(): Command {
  return controlCommand('pause', 'Start no more shards of a run; those under way are finished.', {
    act: (handle) => handle.executeUpdate('pause'),
    done: 'is paused',
  });
}

/** `perimeter resume` */
export function resumeCommand(): Command {
  return controlCommand('resume', 'Let a paused run go on.', {
    act: (handle) => handle.executeUpdate('resume'),
    done: 'goes on',
  });
}

/** `perimeter concurrency` */
export function concurrencyCommand(): Command {
  return addTemporalFlags(new Command('concurrency'))
    .description('Change how many shards of a run are under way at once.')
    .argument('<run>', "the run's id")
    .argument('<shards>', '1 to 2000', wholeNumber({ min: 1, max: 2_000 }))
    .addHelpText('after', '\nExample:\n  perimeter concurrency nightly-7 128')
    .action((run: string, shards: number, flags: TemporalFlags) =>
      withRun(run, flags, async (handle) => {
        await handle.executeUpdate('setConcurrency', { args: [shards] });
        process.stdout.write(`Run ${run} has up to ${shards} shards under way.\n`);
      }),
    );
}

function controlCommand(
  name: string,
  description: string,
  { act, done }: { act: (handle: RunHandle) => Promise<unknown>; done: string },
): Command {
  return addTemporalFlags(new Command(name))
    .description(description)
    .argument('<run>', "the run's id")
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  perimeter ${name} nightly-7`)
    .action((run: string, { json, ...flags }: TemporalFlags & { json?: boolean }) =>
      withRun(run, flags, async (handle) => {
        await act(handle);
        process.stdout.write(json === true ? `${JSON.stringify({ run, done: name })}\n` : `Run ${run} ${done}.\n`);
      }),
    );
}

async function withRun(run: string, flags: TemporalFlags, act: (handle: RunHandle) => Promise<void>) {
  const { WorkflowUpdateFailedError } = await import('@temporalio/client');
  const { findRun } = await import('../runs.ts');
  const client = await connectClient(flags);
  try {
    const handle = await findRun(client, run);
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') {
      throw new PerimeterError(
        'InvalidRequest',
        `Run ${run} is ${status.name.toLowerCase()} already: nothing to change.`,
      );
    }
    await act(handle);
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw new PerimeterError('InvalidRequest', error.cause?.message ?? error.message, { cause: error });
  } finally {
    await client.connection.close();
  }
}
