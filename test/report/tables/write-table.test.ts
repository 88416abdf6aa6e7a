import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { latexText } from '../../../certification/report/tables/latex-text.ts';
import type { PrintedTable } from '../../../certification/report/tables/printed-table.ts';
import { tableFormats, writeTable } from '../../../certification/report/tables/write-table.ts';

const table: PrintedTable = {
  title: 'Two nets | 100 % of "a_b"',
  columns: [
    { heading: 'model', align: 'left' },
    { heading: 'n', align: 'right' },
    { heading: '0.00', group: 'accuracy (%) at', align: 'right' },
    { heading: '0.25', group: 'accuracy (%) at', align: 'right' },
    { heading: 'B − A', align: 'right' },
  ],
  rows: [
    {
      cells: [
        { text: 'a_b|c%, "d"' },
        { text: '1,000', plain: '1000' },
        { text: '82.4', best: true },
        { text: '60.0' },
        { text: '−1.2', plain: '-1.2' },
      ],
    },
    { cells: [{ text: 'e*f' }, { text: '500' }, { text: '9.0' }, { text: '61.0', best: true }, { text: '1.23e-5' }] },
    { apart: true, cells: [{ text: 'best' }, { text: '' }, { text: '82.4' }, { text: '61.0' }, { text: '' }] },
  ],
  notes: ['σ = 0.25, n ≤ 1,000, α = 0.001, ℓ∞.'],
};

describe('a table', () => {
  it('is plain text with aligned columns, the best marked', () => {
    expect(writeTable(table, 'text')).toBe(
      `Two nets | 100 % of "a_b"

                    accuracy (%) at
model            n  0.00   0.25     B − A
a_b|c%, "d"  1,000  82.4*  60.0      −1.2
e*f            500   9.0   61.0*  1.23e-5

best                82.4   61.0

* best of its column
σ = 0.25, n ≤ 1,000, α = 0.001, ℓ∞.
`,
    );
  });

  it('is Markdown in which nothing of a name is markup', () => {
    expect(writeTable(table, 'markdown')).toBe(
      `Two nets \\| 100 % of "a\\_b"

| model         |     n |     0.00 |     0.25 |   B − A |
| ------------- | ----: | -------: | -------: | ------: |
| a\\_b\\|c%, "d" | 1,000 | **82.4** |     60.0 |    −1.2 |
| e\\*f          |   500 |      9.0 | **61.0** | 1.23e-5 |
| best          |       |     82.4 |     61.0 |         |

Columns 0.00 to 0.25: accuracy (%) at. σ = 0.25, n ≤ 1,000, α = 0.001, ℓ∞.
`,
    );
  });

  it('is LaTeX with the rules of booktabs, in which nothing of a name is a command', () => {
    expect(writeTable(table, 'latex')).toBe(
      String.raw`% needs \usepackage{booktabs}
\begin{table}
  \centering
  \caption{Two nets \textbar{} 100 \% of ''a\_b''}
  \begin{tabular}{lrrrr}
    \toprule
     &  & \multicolumn{2}{c}{accuracy (\%) at} &  \\
    \cmidrule(lr){3-4}
    model & n & 0.00 & 0.25 & B $-$ A \\
    \midrule
    a\_b\textbar{}c\%, ''d'' & 1,000 & \textbf{82.4} & 60.0 & $-$1.2 \\
    e*f & 500 & 9.0 & \textbf{61.0} & $1.23 \times 10^{-5}$ \\
    \midrule
    best &  & 82.4 & 61.0 &  \\
    \bottomrule
  \end{tabular}

  \smallskip
  {\footnotesize $\sigma$ = 0.25, n $\le$ 1,000, $\alpha$ = 0.001, $\ell_\infty$.\par}
\end{table}
`,
    );
  });

  it('is CSV as RFC 4180 has it, numbers plain', () => {
    const csv = writeTable(table, 'csv');
    expect(csv).toBe(
      [
        'model,n,accuracy (%) at 0.00,accuracy (%) at 0.25,B − A',
        '"a_b|c%, ""d""",1000,82.4,60.0,-1.2',
        'e*f,500,9.0,61.0,1.23e-5',
        'best,,82.4,61.0,',
        '',
      ].join('\r\n'),
    );
    expect(parse(csv)[1][0]).toBe('a_b|c%, "d"');
  });

  it.each(tableFormats)('has the same bytes whenever it is written: %s', (format) => {
    expect(writeTable(structuredClone(table), format)).toBe(writeTable(table, format));
  });
});

describe('a text in LaTeX', () => {
  it.each([
    [
      '\\input{x} $y$ #1 ~ ^ & _',
      '\\textbackslash{}input\\{x\\} \\$y\\$ \\#1 \\textasciitilde{} \\textasciicircum{} \\& \\_',
    ],
    ['a--b---c', 'a-{}-b-{}-{}-c'],
    ['<1> `q`', '\\textless{}1\\textgreater{} \\textasciigrave{}q\\textasciigrave{}'],
    ['ℓ1, ℓ2 … ρ', '$\\ell_1$, $\\ell_2$ \\dots{} $\\rho$'],
    ['müller 1e-5', 'müller 1e-5'],
  ])('%s is written %s', (text, written) => {
    expect(latexText(text)).toBe(written);
  });
});
