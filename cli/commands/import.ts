import { Command, Option } from 'commander';
import type { CohenImport } from '../../certification/exchange/import-cohen.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { wrapText } from '../../certification/report/wrap-text.ts';
import { absoluteLocation } from '../absolute-location.ts';
import { addFileFlags, fileStatistics } from '../file-flags.ts';
import { latticeTable } from '../lattice-table.ts';
import { radiiFlag } from '../radii-flag.ts';
import type { FileStatistics } from '../read-results.ts';
import { shownLocation } from '../shown-location.ts';

interface Flags extends FileStatistics {
  readonly radii?: readonly number[];
  readonly out?: string;
  readonly audit?: boolean;
  readonly json?: boolean;
}

interface Imported extends CohenImport {
  readonly file: string;
}

/** `perimeter import`: results that were made elsewhere. */
export function importCommand(): Command {
  const cohen = addFileFlags(new Command('cohen'))
    .description('Read files in the columns of certify.py (github.com/locuslab/smoothing).')
    .argument('<file...>', 'tab-separated: idx, label, predict, radius, correct, time; a path or s3:// URI')
    .addOption(new Option('--radii <list>', 'radii of the table, such as 0,0.5,1').argParser(radiiFlag))
    .option('--out <uri>', 'write summary, curve and page of each file into a folder of its own there')
    .option('--audit', 'print which n and alpha can have given the radii, instead of the summary')
    .option('--json', 'print one JSON array')
    .addHelpText(
      'after',
      `
Nothing of such a file can be checked but whether n and alpha can have given its
radii: they are those of whole counts of samples, which leaves gaps.

Examples:
  perimeter import cohen cifar10/resnet110/noise_0.25/test/sigma_0.25
  perimeter import cohen results.tsv --sigma 0.5 --alpha 0.001 --out imported
  perimeter import cohen sigma_0.25 --audit`,
    )
    .action(importFiles);
  return new Command('import').description('Read results that were made elsewhere.').addCommand(cohen);
}

async function importFiles(files: string[], { radii, out, audit, json, ...flags }: Flags) {
  const statistics = fileStatistics(flags);
  if (audit === true && statistics.norm !== undefined && statistics.norm !== 'l2') {
    throw new PerimeterError('InvalidRequest', '--audit is of l2 radii of Gaussian noise alone: leave --norm out.');
  }
  const [{ importCohen }, { readObject }] = await Promise.all([
    import('../../certification/exchange/import-cohen.ts'),
    import('../../certification/storage/read-object.ts'),
  ]);
  // All are read before anything is printed or written.
  const imported: Imported[] = [];
  for (const file of files) {
    imported.push({ file, ...importCohen(await readObject(file), { name: file, ...statistics }) });
  }
  if (audit === true) await printAudits(imported, statistics, json === true);
  else printSummaries(imported, radii, json === true);
  if (out !== undefined) await writeDocuments(imported, out);
}

function printSummaries(imported: readonly Imported[], radii: readonly number[] | undefined, json: boolean) {
  if (json) {
    const all = imported.map(({ file, results, notes }) => ({ file, summary: results?.summary ?? null, notes }));
    process.stdout.write(`${JSON.stringify(all)}\n`);
    return;
  }
  const texts = imported.map(({ file, results, notes }) =>
    [
      file,
      '',
      ...(results ? [accuracyTable(results.summary, { ...(radii && { radii }) })] : []),
      ...notes.flatMap((note) => wrapText(note, '- ')),
      '',
    ].join('\n'),
  );
  process.stdout.write(texts.join('\n'));
}

async function printAudits(imported: readonly Imported[], { n }: FileStatistics, json: boolean) {
  const { auditFile } = await import('../../certification/exchange/audit-file.ts');
  const audits = imported.map((each) => ({ file: each.file, audit: auditFile(each, n) }));
  if (json) {
    process.stdout.write(`${JSON.stringify(audits.map(({ file, audit }) => ({ file, ...audit })))}\n`);
    return;
  }
  process.stdout.write(audits.map(({ file, audit }) => `${file}\n${latticeTable(audit)}\n`).join('\n'));
}

async function writeDocuments(imported: readonly Imported[], out: string) {
  const [{ importDocuments }, { openStore }, { putImports }] = await Promise.all([
    import('../../certification/exchange/import-documents.ts'),
    import('../../certification/storage/open-store.ts'),
    import('../../certification/exchange/put-imports.ts'),
  ]);
  const made: { file: string; documents: Awaited<ReturnType<typeof importDocuments>> }[] = [];
  for (const { file, results, ...rest } of imported) {
    if (results !== undefined) made.push({ file, documents: await importDocuments({ ...rest, results }) });
  }
  const store = openStore(absoluteLocation(out, '.'));
  for (const page of await putImports(store, made)) process.stderr.write(`${shownLocation(store.url(page))}\n`);
}
