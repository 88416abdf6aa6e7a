import { latexText } from './latex-text.ts';
import type { Cell, PrintedTable } from './printed-table.ts';

/**
 * A table in LaTeX, with a final newline: a `table` with a caption, the rules of booktabs, its notes as small print, and
 * the best of a column in `\textbf`. It needs `\usepackage{booktabs}`.
 */
export function latexTable({ title, columns, rows, notes }: PrintedTable): string {
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  const body = rows.flatMap((row, at) => [
    ...(row.apart && !rows[at - 1]?.apart ? ['    \\midrule'] : []),
    line(row.cells.map(cellText)),
  ]);
  return [
    '% needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latexText(title)}}`,
    `  \\begin{tabular}{${columns.map(({ align }) => (align === 'left' ? 'l' : 'r')).join('')}}`,
    '    \\toprule',
    ...groupLines(columns),
    line(columns.map(({ heading }) => latexText(heading))),
    '    \\midrule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    ...(notes.length === 0 ? [] : ['', '  \\smallskip', `  {\\footnotesize ${notes.map(latexText).join(' ')}\\par}`]),
    '\\end{table}',
    '',
  ].join('\n');
}

function cellText({ text, best }: Cell): string {
  const power = /^(?<digits>\d(?:\.\d+)?)e(?<exponent>-?\d+)$/.exec(text)?.groups;
  const written = power === undefined ? latexText(text) : `$${power.digits} \\times 10^{${power.exponent}}$`;
  return best ? `\\textbf{${written}}` : written;
}

/** Each group's words over its columns, with a rule beneath. */
function groupLines(columns: PrintedTable['columns']): string[] {
  const spans: { group: string | undefined; from: number; to: number }[] = [];
  columns.forEach(({ group }, at) => {
    const last = spans.at(-1);
    if (group !== undefined && last?.group === group) last.to = at + 1;
    else spans.push({ group, from: at + 1, to: at + 1 });
  });
  const grouped = spans.filter((span) => span.group !== undefined);
  if (grouped.length === 0) return [];
  const cells = spans.map(({ group, from, to }) =>
    group === undefined ? '' : `\\multicolumn{${to - from + 1}}{c}{${latexText(group)}}`,
  );
  return [
    `    ${cells.join(' & ')} \\\\`,
    `    ${grouped.map(({ from, to }) => `\\cmidrule(lr){${from}-${to}}`).join(' ')}`,
  ];
}
