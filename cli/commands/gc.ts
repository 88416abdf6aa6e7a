import { Command, Option } from 'commander';
import { collectGarbage, type RunFate } from '../../certification/retention/collect-garbage.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { absoluteLocation } from '../absolute-location.ts';
import { connectClient, type TemporalFlags } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { garbageHeader, garbageLine, garbageTotals, reasonText } from '../garbage-table.ts';
import { keepTime, type KeepTime } from '../keep-time.ts';
import { shownLocation } from '../shown-location.ts';

interface Flags extends TemporalFlags {
  readonly out: string;
  readonly keep: KeepTime;
  readonly delete?: boolean;
  readonly json?: boolean;
}

/** `perimeter gc`: which runs nothing refers to any more, and their deletion. */
export function gcCommand(): Command {
  return new Command('gc')
    .description('List the runs that are old and that nothing refers to, and with --delete delete them.')
    .option('--out <uri>', 'where runs are kept: a folder or s3://', 'perimeter-results')
    .addOption(
      new Option('--keep <time>', 'keep what was written to in this time: 12h, 30d, 8w')
        .argParser(keepTime)
        .default(keepTime('30d'), '30d'),
    )
    .option('--dry-run', 'only list (the default)')
    .addOption(new Option('--delete', 'delete what is listed as going').conflicts('dryRun'))
    .option('--json', 'print one JSON object')
    .option('--address <host:port>', 'the Temporal server to ask for runs under way (default: TEMPORAL_ADDRESS)')
    .option('--namespace <name>', 'its namespace (default: TEMPORAL_NAMESPACE, or default)')
    .addHelpText(
      'after',
      `
A run stays where it is signed, where an audit has it as its baseline or will
have it as its next one, where it is of an audit younger than --keep or of a
study, and where anything was written to it in that time. Records of audits and
studies are never deleted; a study's runs can go once its folder is removed.
Where Temporal is named, a run that is under way there stays too, however long
it is paused.

Examples:
  perimeter gc --out s3://bucket/audits                     what would go
  perimeter gc --out s3://bucket/audits --keep 8w --delete`,
    )
    .action(gc);
}

async function gc({ out, keep, delete: remove = false, json = false, ...temporal }: Flags) {
  const location = absoluteLocation(out, '.');
  const now = new Date();
  const print = (text: string) => {
    if (!json) process.stdout.write(text);
  };
  const { underWay, close } = await runsUnderWay(temporal);
  let fates: RunFate[];
  let under: string | undefined;
  try {
    fates = await collectGarbage({
      store: openStore(location),
      now,
      keepMs: keep.ms,
      remove,
      underWay,
      onRun: (fate) => {
        const heading = headings[fate.fate];
        if (under === undefined) print(garbageHeader);
        if (under !== heading) print(`${heading}\n`);
        under = heading;
        print(garbageLine(fate, { now, keep: keep.text }));
        if (fate.fate === 'refused') process.stderr.write(`perimeter: ${fate.refusal}\n`);
      },
    });
  } finally {
    await close();
  }
  if (json) process.stdout.write(`${JSON.stringify(report(fates, { out: location, keep, remove, now }))}\n`);
  else if (fates.length === 0) print(`There are no runs in ${shownLocation(location)}.\n`);
  else print(`\n${garbageTotals(fates, remove)}\n`);
  if (fates.some(({ fate }) => fate === 'refused')) process.exitCode = exitCodes.failed;
}

const headings: Record<RunFate['fate'], string> = {
  stays: 'Stay',
  goes: 'Would go',
  deleted: 'Deleted',
  gone: 'Deleted',
  refused: 'Not deleted',
};

function report(
  fates: readonly RunFate[],
  { out, keep, remove, now }: { out: string; keep: KeepTime; remove: boolean; now: Date },
) {
  const total = (...kinds: RunFate['fate'][]) => {
    const some = fates.filter(({ fate }) => kinds.includes(fate));
    return { runs: some.length, bytes: some.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  return {
    out,
    keep: keep.text,
    dryRun: !remove,
    runs: fates.map(({ lastWritten, ...fate }) => ({
      ...fate,
      lastWritten: lastWritten.toISOString(),
      ageSeconds: Math.max(0, Math.floor((now.getTime() - lastWritten.getTime()) / 1_000)),
      why: reasonText(fate, keep.text),
    })),
    totals: { stay: total('stays'), go: total('goes'), deleted: total('deleted', 'gone'), refused: total('refused') },
  };
}

/** Asks Temporal for the runs that are under way, where it is said where Temporal is. */
async function runsUnderWay(flags: TemporalFlags): Promise<{
  underWay: () => Promise<ReadonlySet<string>>;
  close: () => Promise<void>;
}> {
  if (flags.address === undefined && flags.namespace === undefined && !process.env.TEMPORAL_ADDRESS) {
    return { underWay: () => Promise.resolve(new Set()), close: () => Promise.resolve() };
  }
  const client = await connectClient(flags);
  const { listRuns, RUNS_UNDER_WAY } = await import('../runs.ts');
  return {
    underWay: async () => {
      const runs = new Set<string>();
      for await (const { run } of listRuns(client, RUNS_UNDER_WAY)) runs.add(run);
      return runs;
    },
    close: () => client.connection.close(),
  };
}
