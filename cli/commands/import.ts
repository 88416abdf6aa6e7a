import { Command, Option } from 'commander';
import { z } from 'zod';
import type { CohenImport } from '../../certification/exchange/import-cohen.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { norms, type Norm } from '../../certification/records/norm.ts';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { absoluteLocation } from '../absolute-location.ts';
import { latticeTable } from '../lattice-table.ts';
import { numberOrText } from '../number-or-text.ts';
import { shownLocation } from '../shown-location.ts';
import { wrapText } from '../wrap-text.ts';

const flagsSchema = z.object({
  sigma: z.number().positive().optional(),
  n: z.int().min(1).max(1e12).optional(),
  n0: z.int().min(1).max(1e12).optional(),
  alpha: z.number().gt(0).max(0.5).optional(),
  rho: z.number().gt(0).lt(1).optional(),
  radii: z.array(z.number().min(0)).min(1).optional(),
  norm: z.enum(norms).optional(),
});
type Statistics = z.infer<typeof flagsSchema>;

interface Flags {
  readonly out?: string;
  readonly audit?: boolean;
  readonly json?: boolean;
  readonly norm?: Norm;
}

interface Imported extends CohenImport {
  readonly file: string;
}

/** `perimeter import`: results that were made elsewhere. */
export function importCommand(): Command {
  const numeric = (flags: string, description: string) => new Option(flags, description).argParser(numberOrText);
  const list = (value: string) => value.split(',').map((part) => numberOrText(part.trim()));
  const cohen = new Command('cohen')
    .description('Read files in the columns of certify.py (github.com/locuslab/smoothing).')
    .argument('<file...>', 'tab-separated: idx, label, predict, radius, correct, time; a path or s3:// URI')
    .addOption(numeric('--sigma <s>', 'of the noise (default: of a name such as sigma_0.25 or noise_0.25)'))
    .addOption(numeric('--n <n>', 'samples of the estimation (default 100000)'))
    .addOption(numeric('--n0 <n>', 'samples of the selection (default 100)'))
    .addOption(numeric('--alpha <a>', 'level of a certificate (default: what the radii tell, else 0.001)'))
    .addOption(numeric('--rho <p>', '1 - confidence of the bounds on certified accuracy (default 0.001)'))
    .addOption(new Option('--norm <name>', 'of the radii (default l2)').choices(norms))
    .addOption(new Option('--radii <list>', 'radii of the table, such as 0,0.5,1').argParser(list))
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

async function importFiles(files: string[], { out, audit, json, ...rest }: Flags & Record<string, unknown>) {
  const { radii, ...statistics } = parseFlags(rest);
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

function parseFlags(flags: Record<string, unknown>): Statistics {
  const parsed = flagsSchema.safeParse(flags);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  const [name] = path.map(String);
  const found = Array.isArray(flags[name]) ? flags[name].join(',') : JSON.stringify(flags[name]);
  const why = message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, '');
  throw new PerimeterError('InvalidRequest', `--${name} is ${found}: ${why}.`);
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
      ...notes.map((note) => wrapText(note, { first: '- ' })),
      '',
    ].join('\n'),
  );
  process.stdout.write(texts.join('\n'));
}

async function printAudits(imported: readonly Imported[], { n }: Statistics, json: boolean) {
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
