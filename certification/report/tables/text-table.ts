import { wrapText } from '../wrap-text.ts';
import type { PrintedTable, TableRow } from './printed-table.ts';

const GAP = '  ';
/** What marks the best of a column; where a column has one, every cell keeps a place for it. */
const BEST = '*';

/** A table as plain text with a final newline; title and notes are wrapped at 80 columns, the table is as wide as it is. */
export function textTable({ title, columns, rows, notes }: PrintedTable): string {
  const marked = columns.map((_, at) => rows.some(({ cells }) => cells[at].best));
  const cellText = ({ cells }: TableRow, at: number) => {
    const { text, best } = cells[at];
    return marked[at] ? `${text}${best ? BEST : ' '}` : text;
  };
  const heading = (at: number) => `${columns[at].heading}${marked[at] ? ' ' : ''}`;
  const widths = columns.map((_, at) => Math.max(heading(at).length, ...rows.map((row) => cellText(row, at).length)));
  const line = (text: (at: number) => string) =>
    columns
      .map(({ align }, at) => (align === 'left' ? text(at).padEnd(widths[at]) : text(at).padStart(widths[at])))
      .join(GAP)
      .trimEnd();
  const body = rows.flatMap((row, at) => [
    ...(row.apart && !rows[at - 1]?.apart ? [''] : []),
    line((column) => cellText(row, column)),
  ]);
  const legend = marked.includes(true) ? [`${BEST} best of its column`] : [];
  return [
    ...wrapText(title),
    '',
    ...groupLine({ columns, widths }),
    line(heading),
    ...body,
    '',
    ...[...legend, ...notes].flatMap((note) => wrapText(note)),
    '',
  ].join('\n');
}

/** Each group's words above its first column, which those of the columns beside it may run into. */
function groupLine({ columns, widths }: Pick<PrintedTable, 'columns'> & { widths: readonly number[] }): string[] {
  let text = '';
  let from = 0;
  columns.forEach(({ group }, at) => {
    if (group !== undefined && group !== columns[at - 1]?.group) text = `${text.padEnd(from)}${group}`;
    from += widths[at] + GAP.length;
  });
  return text === '' ? [] : [text];
}
