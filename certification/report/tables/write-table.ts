import { csvTable } from './csv-table.ts';
import { latexTable } from './latex-table.ts';
import { markdownTable } from './markdown-table.ts';
import type { PrintedTable } from './printed-table.ts';
import { textTable } from './text-table.ts';

/** What a table can be written as. */
export const tableFormats = ['text', 'markdown', 'latex', 'csv'] as const;
export type TableFormat = (typeof tableFormats)[number];

const writers: Readonly<Record<TableFormat, (table: PrintedTable) => string>> = {
  text: textTable,
  markdown: markdownTable,
  latex: latexTable,
  csv: csvTable,
};

/** A table in a format, with a final newline; the bytes are a function of the two. */
export function writeTable(table: PrintedTable, format: TableFormat): string {
  return writers[format](table);
}
