import type { PrintedTable } from './printed-table.ts';

/** What a field must be quoted for (RFC 4180, 2.6). */
const QUOTED = /[",\r\n]/;

/** A table as CSV (RFC 4180): the headings, then the rows, numbers plain; without title, notes and marks of the best. */
export function csvTable({ columns, rows }: PrintedTable): string {
  const headings = columns.map(({ group, heading }) => (group === undefined ? heading : `${group} ${heading}`));
  const body = rows.map(({ cells }) => cells.map(({ text, plain }) => plain ?? text));
  return [headings, ...body].map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

function csvField(text: string): string {
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
