import { Command } from 'commander';
import { addDocumentFlags, documentFormat, type DocumentFlags } from '../document-flags.ts';
import { addFileFlags, fileStatistics } from '../file-flags.ts';
import { readResults, type FileStatistics } from '../read-results.ts';
import { writeDocument } from '../write-document.ts';

/** `perimeter report`: results as the tables and plots of a paper. */
export function reportCommand(): Command {
  return addFileFlags(addDocumentFlags(new Command('report')))
    .description('The table or plot of one result, or of several beside each other, as papers print them.')
    .argument(
      '<results...>',
      'ids of runs or studies under --out, their folders <out>/runs/<run> or <out>/studies/<study>, or files in the columns of Cohen et al.',
    )
    .addHelpText(
      'after',
      `
Of one result: a row for each radius, with the bounds. Of several: a row for
each, the best of each column marked, and of several amounts of noise their upper
envelope, with its bound. A study is its runs. Percentages and radii are rounded
down.
LaTeX needs the package booktabs. A plot is 430 px wide, for a paper's column.

Examples:
  perimeter report nightly-7
  perimeter report sigma-0.25 sigma-0.5 --radii 0,0.25,0.5 --output table.tex
  perimeter report sigma-0.25 sigma-0.5 --output curves.svg
  perimeter report study-7 --format latex`,
    )
    .action(report);
}

async function report(sources: string[], flags: DocumentFlags & FileStatistics) {
  const { out, radii, output, title, decimals, json } = flags;
  const format = json === true ? 'json' : documentFormat(flags);
  const results = (await readResults(sources, { out, statistics: fileStatistics(flags) })).flat();
  await writeDocument(await document(), output);

  async function document(): Promise<string> {
    if (format === 'json') {
      const { resultsJson } = await import('../results-json.ts');
      return `${JSON.stringify(resultsJson(results, radii))}\n`;
    }
    if (format === 'svg') {
      const { envelopedCurves } = await import('../../certification/report/tables/enveloped.ts');
      return envelopedCurves(results, { title });
    }
    const [{ envelopedTable }, { runTable }, { writeTable }] = await Promise.all([
      import('../../certification/report/tables/enveloped.ts'),
      import('../../certification/report/tables/run-table.ts'),
      import('../../certification/report/tables/write-table.ts'),
    ]);
    const options = {
      ...(radii && { radii }),
      ...(decimals !== undefined && { decimals }),
      ...(title !== undefined && { title }),
    };
    const table = results.length === 1 ? runTable(results[0], options) : envelopedTable(results, options);
    return writeTable(table, format);
  }
}
