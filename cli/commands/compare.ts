import { resolve } from 'node:path';
import { Command } from 'commander';
import type { CertifiedResults } from '../../certification/report/certified-results.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { addDocumentFlags, documentFormat, type DocumentFlags } from '../document-flags.ts';
import { addFileFlags, fileStatistics } from '../file-flags.ts';
import { readResults, type FileStatistics } from '../read-results.ts';
import { writeDocument } from '../write-document.ts';

interface Flags extends DocumentFlags, FileStatistics {
  readonly examples?: boolean;
  readonly page?: string;
}

/** `perimeter compare`: two results on the same examples. */
export function compareCommand(): Command {
  return addFileFlags(addDocumentFlags(new Command('compare')))
    .description('Compare two results on the same examples: accuracy, who gained and lost, whether it is chance.')
    .argument(
      '<a>',
      "a run's id under --out, a run's folder <out>/runs/<run>, or a file in the columns of Cohen et al.",
    )
    .argument('<b>', 'another, mostly the newer')
    .option('--examples', 'list the examples that are certified in one alone; all of them in JSON and CSV')
    .option('--page <file>', "write B's page with A beside it too; both must be runs of one store")
    .addHelpText(
      'after',
      `
At each radius the examples are compared in pairs, by McNemar's exact test with
two sides; Holm's adjustment allows for having looked at several radii. Runs of
sequential mode are compared at radii that both decided. The exit code is 0
whichever does better.

Examples:
  perimeter compare before after
  perimeter compare before after --radii 0,0.25,0.5 --examples --json
  perimeter compare before after --output comparison.tex`,
    )
    .action(compare);
}

async function compare(sourceA: string, sourceB: string, flags: Flags) {
  const { out, radii, output, title, decimals, json, examples, page } = flags;
  const format = json === true ? 'json' : documentFormat(flags);
  const read = await readResults([sourceA, sourceB], { out, statistics: fileStatistics(flags) });
  const [a, b] = [oneResult(sourceA, read[0]), oneResult(sourceB, read[1])];
  const { compareResults } = await import('../../certification/comparison/compare-results.ts');
  const compared = compareResults({ a, b, radii });
  if (page !== undefined && output !== undefined && resolve(page) === resolve(output)) {
    throw new PerimeterError('InvalidRequest', `--page and --output are both ${page}: name two files.`);
  }
  const text = await document();
  const html = page === undefined ? undefined : await pageOf(page);
  await writeDocument(text, output);
  if (html !== undefined) await writeDocument(html, page);

  async function pageOf(file: string) {
    const { comparedPage } = await import('../compared-page.ts');
    return comparedPage({ a: sourceA, b: sourceB, out, page: file });
  }

  async function document(): Promise<string> {
    if (format === 'json') {
      const { describedResults } = await import('../results-json.ts');
      const rows = compared.map(({ onlyA, onlyB, ...at }) => ({
        ...at,
        onlyA: onlyA.length,
        onlyB: onlyB.length,
        ...(examples === true && { examplesOnlyA: onlyA, examplesOnlyB: onlyB }),
      }));
      return `${JSON.stringify({ norm: a.setting.norm, examples: a.radii.length, a: describedResults(a), b: describedResults(b), radii: rows })}\n`;
    }
    if (format === 'svg') {
      const { curvesSvg } = await import('../../certification/report/tables/curves-svg.ts');
      return curvesSvg([a, b], { title });
    }
    const [{ comparisonTable, comparisonFigures }, { writeTable }] = await Promise.all([
      import('../../certification/comparison/comparison-table.ts'),
      import('../../certification/report/tables/write-table.ts'),
    ]);
    const asked = { a, b, ...(decimals !== undefined && { decimals }) };
    const listed = examples === true ? (format === 'csv' ? 'columns' : 'notes') : undefined;
    const table = comparisonTable(compared, { ...asked, ...(title !== undefined && { title }), examples: listed });
    // One CSV is one table.
    const tables = format === 'csv' ? [table] : [table, comparisonFigures(asked)];
    return tables.map((each) => writeTable(each, format)).join('\n');
  }
}

/** The one result of a name. */
function oneResult(source: string, results: readonly CertifiedResults[]): CertifiedResults {
  if (results.length === 1) return results[0];
  const names = results.map(({ name }) => name).join(', ');
  throw new PerimeterError(
    'InvalidRequest',
    `${source} holds ${results.length} results, and two are compared: name one of them (${names}).`,
  );
}
