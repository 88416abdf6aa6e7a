import type { PrintedTable } from './printed-table.ts';

/** What Markdown (CommonMark, and tables as GitHub has them) would take for its own; any of it may have a backslash before it. */
const SPECIAL = /[\\`*_{}[\]<>#|~&$!]/g;
const FEWEST_DASHES = 3;

/** A table in Markdown with its title above and its notes below it, with a final newline; the best of a column is bold. */
export function markdownTable({ title, columns, rows, notes }: PrintedTable): string {
  const headings = columns.map(({ heading }) => markdownText(heading));
  const body = rows.map(({ cells }) =>
    cells.map(({ text, best }) => (best ? `**${markdownText(text)}**` : markdownText(text))),
  );
  const widths = headings.map((heading, at) =>
    Math.max(FEWEST_DASHES, heading.length, ...body.map((cells) => cells[at].length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, at) => (columns[at].align === 'left' ? text.padEnd(widths[at]) : text.padStart(widths[at]))).join(' | ')} |`;
  const rule = columns.map(({ align }, at) => {
    const dashes = '-'.repeat(widths[at] - 1);
    return align === 'left' ? `-${dashes}` : `${dashes}:`;
  });
  const below = [...groupNotes(columns), ...notes].map(markdownText).join(' ');
  return `${markdownText(title)}\n\n${[headings, rule, ...body].map(line).join('\n')}\n${below === '' ? '' : `\n${below}\n`}`;
}

/** A text that Markdown shows as it is. */
function markdownText(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

/** Markdown has no headings over several columns: what they are of, as a sentence. */
function groupNotes(columns: PrintedTable['columns']): string[] {
  const groups = [...new Set(columns.flatMap(({ group }) => group ?? []))];
  return groups.map((group) => {
    const own = columns.filter((column) => column.group === group);
    const [first, last] = [own[0].heading, own[own.length - 1].heading];
    return `${first === last ? `Column ${first}` : `Columns ${first} to ${last}`}: ${group}.`;
  });
}
