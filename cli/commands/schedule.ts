import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { addTemporalFlags, connectClient, type TemporalFlags } from '../connect.ts';
import type { ScheduleDetails, ScheduleStatus } from '../schedules.ts';

/** Times that are shown of those that come, and of those that were. */
const SHOWN = 3;
/** How a day is written. */
const DAY = '2026-11-24';

interface Flags extends TemporalFlags {
  readonly json?: boolean;
}

/** `perimeter schedule`: audits by night. */
export function scheduleCommand(): Command {
  return new Command('schedule')
    .description('Audits on a schedule: certify the newest model, compare it, and tell where robustness falls.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(
      lineCommand('pause', 'Start no more audits of a line; one under way goes on.', {
        act: async (client, line, { note }) => {
          const { pauseSchedule } = await import('../schedules.ts');
          await pauseSchedule(client, line, note ?? 'Paused by "perimeter schedule pause".');
          return 'is paused';
        },
      }).option('--note <text>', 'why'),
    )
    .addCommand(
      lineCommand('resume', 'Let a paused line go on with its next scheduled time.', {
        act: async (client, line, { note }) => {
          const { resumeSchedule } = await import('../schedules.ts');
          await resumeSchedule(client, line, note ?? 'Resumed by "perimeter schedule resume".');
          return 'goes on';
        },
      }).option('--note <text>', 'why'),
    )
    .addCommand(
      lineCommand('trigger', 'Audit a line now, or when its audit under way has ended.', {
        act: async (client, line) => {
          const { triggerSchedule } = await import('../schedules.ts');
          await triggerSchedule(client, line);
          return 'is being audited';
        },
      }),
    )
    .addCommand(
      lineCommand('backfill', 'Make up for audits that were missed, one after another, with their own dates.', {
        example: 'fashion-mnist --from 2026-11-24 --to 2026-11-27',
        check: (flags) => {
          times(flags);
        },
        act: async (client, line, flags) => {
          const { backfillSchedule } = await import('../schedules.ts');
          const count = await backfillSchedule(client, line, times(flags));
          return `makes up for ${count} ${count === 1 ? 'audit' : 'audits'}`;
        },
      })
        .requiredOption('--from <time>', 'the first time, such as 2026-11-24 or 2026-11-24T02:00Z')
        .requiredOption('--to <time>', 'the last time; a day alone is all of it, in UTC'),
    )
    .addCommand(
      lineCommand('delete', 'Delete a schedule; what its audits found stays in the store.', {
        act: async (client, line) => {
          const { deleteSchedule } = await import('../schedules.ts');
          await deleteSchedule(client, line);
          return 'is scheduled no more';
        },
      }),
    )
    .addHelpText('after', '\nExamples:\n  perimeter schedule create audit.yaml\n  perimeter schedule list');
}

function createCommand(): Command {
  return jsonFlag(new Command('create'))
    .description('Create the schedules of a file, or make those that exist what it says.')
    .argument('<file>', 'an audit file, YAML or JSON (docs/audits.md)')
    .addHelpText('after', '\nExample:\n  perimeter schedule create audit.yaml')
    .action(async (file: string, flags: Flags) => {
      const { readAuditFile } = await import('../read-audit-file.ts');
      const lines = readAuditFile(file);
      await withClient(flags, async (client) => {
        const { applySchedule } = await import('../schedules.ts');
        for (const each of lines) {
          const done = await applySchedule(client, each);
          const { line } = each.input;
          print(flags, { line, done }, `Line ${line} is ${done === 'created' ? 'scheduled' : 'scheduled anew'}.`);
        }
      });
    });
}

function listCommand(): Command {
  return jsonFlag(new Command('list'))
    .description('List the lines that are scheduled.')
    .addHelpText('after', '\nExample:\n  perimeter schedule list')
    .action((flags: Flags) =>
      withClient(flags, async (client) => {
        const { listSchedules } = await import('../schedules.ts');
        const lines = await listSchedules(client);
        const width = Math.max(0, ...lines.map(({ line }) => line.length));
        for (const each of lines) print(flags, each, `${each.line.padEnd(width)}  ${stateOf(each)}`);
        if (lines.length === 0 && flags.json !== true) process.stdout.write('No lines are scheduled.\n');
      }),
    );
}

function showCommand(): Command {
  return jsonFlag(new Command('show'))
    .description("A line's schedule, its next times and its latest audits.")
    .argument('<line>', 'its name')
    .addHelpText('after', '\nExample:\n  perimeter schedule show fashion-mnist')
    .action((line: string, flags: Flags) =>
      withClient(flags, async (client) => {
        const { showSchedule } = await import('../schedules.ts');
        const details = await showSchedule(client, line);
        print(flags, details, describe(details));
      }),
    );
}

interface LineFlags extends Flags {
  readonly note?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A command about one line; `act` returns what is true of the line then. */
function lineCommand(
  name: string,
  description: string,
  {
    act,
    check = () => undefined,
    example = 'fashion-mnist',
  }: {
    act: (client: Client, line: string, flags: LineFlags) => Promise<string>;
    check?: (flags: LineFlags) => void;
    example?: string;
  },
): Command {
  return jsonFlag(new Command(name))
    .description(description)
    .argument('<line>', 'its name')
    .addHelpText('after', `\nExample:\n  perimeter schedule ${name} ${example}`)
    .action(async (line: string, flags: LineFlags) => {
      check(flags);
      await withClient(flags, async (client) => {
        print(flags, { line, done: name }, `Line ${line} ${await act(client, line, flags)}.`);
      });
    });
}

function jsonFlag(command: Command): Command {
  return addTemporalFlags(command).option('--json', 'print JSON, one object a line');
}

async function withClient(flags: TemporalFlags, act: (client: Client) => Promise<void>) {
  const { address, namespace } = flags;
  const client = await connectClient({ ...(address && { address }), ...(namespace && { namespace }) });
  try {
    await act(client);
  } finally {
    await client.connection.close();
  }
}

function print({ json }: Flags, value: unknown, text: string) {
  process.stdout.write(`${json === true ? JSON.stringify(value) : text}\n`);
}

/** @throws PerimeterError `InvalidRequest` where they are no times, or end before they begin. */
function times({ from = '', to = '' }: LineFlags): { from: Date; to: Date } {
  const start = time('--from', from);
  const end = time('--to', to.length === DAY.length ? `${to}T23:59:59Z` : to);
  if (start <= end) return { from: start, to: end };
  throw new PerimeterError('InvalidRequest', `--from is ${from}, after --to, which is ${to}: exchange them.`);
}

function time(flag: string, text: string): Date {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const found = new Date(text);
  // There is no February 30th, but for Date.
  const day = new Date(`${text.slice(0, DAY.length)}T00:00:00Z`);
  const isDay = !Number.isNaN(day.getTime()) && text.startsWith(day.toISOString().slice(0, DAY.length));
  if (iso && isDay && !Number.isNaN(found.getTime())) return found;
  throw new PerimeterError(
    'InvalidRequest',
    `${flag} is ${JSON.stringify(text)}, but must be a day or a time with its zone, such as ${DAY} or ${DAY}T02:00Z.`,
  );
}

function stateOf({ paused, note, next, running }: ScheduleStatus): string {
  // A note may have lines, and be as long as a failure is.
  const why = (note ?? 'no reason given').replace(/\s+/g, ' ');
  const state = paused ? `paused: ${why}` : next.length === 0 ? 'comes no more' : `next ${next[0]}`;
  return running.length > 0 ? `under way: ${running.join(', ')}; ${state}` : state;
}

function describe(details: ScheduleDetails): string {
  const { line, next, recent, jitterMs, timeZone, catchUpMs, pauseOnFailure, missed, overlapped } = details;
  const rows: [name: string, value: string][] = [
    ['line', line],
    ['state', stateOf(details)],
    ['model', details.model],
    ['kept', details.out],
    ...next.slice(0, SHOWN).map((at): [string, string] => ['next', at]),
    ...recent.slice(-SHOWN).map(({ scheduled, state }): [string, string] => ['audited', `${scheduled}  ${state}`]),
    ['zone', timeZone],
    ['jitter', `up to ${jitterMs / 1_000} s`],
    ['catch-up', `${catchUpMs / 3_600_000} h`],
    ['on failure', pauseOnFailure ? 'pauses' : 'goes on'],
    ...(missed > 0 ? [['missed', `${missed}, by an outage longer than the catch-up`] as [string, string]] : []),
    ...(overlapped > 0 ? [['skipped', `${overlapped}, as another was under way`] as [string, string]] : []),
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)}${value}`).join('\n');
}
