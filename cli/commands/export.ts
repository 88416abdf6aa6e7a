import { Command } from 'commander';
import type { CohenExport } from '../../certification/exchange/export-cohen.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { normSymbols } from '../../certification/records/norm.ts';
import { keptRun } from '../run-location.ts';

interface Flags {
  readonly outFile: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `perimeter export`: results of ours for the tools of others. */
export function exportCommand(): Command {
  const cohen = new Command('cohen')
    .description("Write a run's certificates as certify.py does (github.com/locuslab/smoothing).")
    .argument('<run>', "the run's id under --out, or its folder")
    .option('--out-file <file>', 'where to write; "-" is standard output', '-')
    .option('--out <uri>', 'where runs are kept: a folder or s3://', 'perimeter-results')
    .option('--json', 'with --out-file: print what was written as one JSON object')
    .addHelpText(
      'after',
      `
Radii have three significant digits, floored where certify.py rounds: none is
above the certified one. Times are 0:00:00. Examples without a certificate are
abstentions there, whatever became of them.

Examples:
  perimeter export cohen nightly-7 > sigma_0.25
  perimeter export cohen perimeter-results/runs/nightly-7 --out-file sigma_0.25`,
    )
    .action(exportRun);
  return new Command('export').description("Write a run's results in a format of others.").addCommand(cohen);
}

async function exportRun(name: string, { outFile, out, json }: Flags) {
  if (json === true && outFile === '-') {
    throw new PerimeterError('InvalidRequest', '--json would stand among the rows: give --out-file a file.');
  }
  const [{ exportCohen }, { openStore }] = await Promise.all([
    import('../../certification/exchange/export-cohen.ts'),
    import('../../certification/storage/open-store.ts'),
  ]);
  const kept = keptRun(name, out);
  const made = await exportCohen(openStore(kept.out), kept.run);
  const notes = notesOf(made);
  if (outFile === '-') await made.writeTo(toStandardOutput);
  else await toFile(outFile, made);
  if (json === true) {
    const { examples } = made.results.summary;
    process.stdout.write(`${JSON.stringify({ run: kept.run, file: outFile, rows: examples, notes })}\n`);
    return;
  }
  for (const note of notes) process.stderr.write(`Warning: ${note}\n`);
}

/** What the format can't say. */
function notesOf({ results: { summary, setting } }: CohenExport): string[] {
  const { skipped, failed } = summary;
  return [
    ...(setting.norm === 'l2'
      ? []
      : [`the radii are ${normSymbols[setting.norm]}, and nothing in the file says so: scripts take them for ℓ2.`]),
    ...(skipped + failed > 0 ? [`${skipped} skipped and ${failed} failed examples are written as abstentions.`] : []),
    ...(summary.simulated ? ['the run is simulated, and nothing in the file says so.'] : []),
  ];
}

function toStandardOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function toFile(path: string, made: CohenExport) {
  const { createOnce } = await import('../../certification/storage/create-once.ts');
  const { fileError } = await import('../../certification/storage/file-error.ts');
  const file = await createOnce(path).catch((error: unknown) => {
    throw fileError(error, `writing ${path}`);
  });
  try {
    await made.writeTo((bytes) => file.write(bytes));
  } catch (error) {
    await file.discard();
    throw error;
  }
  if (await file.finish()) return;
  throw new PerimeterError('InvalidRequest', `${path} is there already: remove it, or choose another --out-file.`);
}
