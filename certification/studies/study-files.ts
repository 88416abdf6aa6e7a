import type { CertifiedResults } from '../report/certified-results.ts';
import { envelopedCurves, envelopedTable } from '../report/tables/enveloped.ts';
import { writeTable } from '../report/tables/write-table.ts';
import type { StudyFile } from './put-study.ts';

/** The tables and the plot of a study, as they lie beside its record: a function of its results alone. */
export async function studyFiles(results: readonly CertifiedResults[]): Promise<StudyFile[]> {
  const table = envelopedTable(results);
  return [
    { name: 'table.md', text: writeTable(table, 'markdown'), contentType: 'text/markdown; charset=utf-8' },
    { name: 'table.tex', text: writeTable(table, 'latex'), contentType: 'application/x-tex' },
    { name: 'table.csv', text: writeTable(table, 'csv'), contentType: 'text/csv; charset=utf-8' },
    { name: 'curves.svg', text: await envelopedCurves(results), contentType: 'image/svg+xml' },
  ];
}
