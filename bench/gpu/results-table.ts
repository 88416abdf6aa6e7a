import type { Result, Row } from './results.ts';

/** Samples of one example in the paper. */
const N = 100_000;

const columns: readonly { readonly title: string; readonly cell: (row: Measured) => string }[] = [
  { title: 'samples/s', cell: ({ samplesPerSecond }) => figure(samplesPerSecond, 3) },
  { title: 's an example', cell: ({ samplesPerSecond }) => figure(N / samplesPerSecond, 3) },
  { title: 'of bare', cell: ({ ofBare }) => figure(ofBare, 3) },
  { title: '× loop', cell: ({ ofPublished }) => figure(ofPublished, 3) },
  { title: 'in runtime', cell: ({ insideRuntime }) => percent(insideRuntime) },
  { title: 'GPU busy', cell: ({ busy }) => percent(busy) },
  { title: 'W', cell: ({ watts }) => figure(watts, 3) },
  { title: 'MHz', cell: ({ megahertz }) => figure(megahertz, 4) },
  { title: 'mJ a sample', cell: ({ joulesPerSample }) => figure(joulesPerSample && 1_000 * joulesPerSample, 3) },
  { title: 'of peak', cell: ({ ofPeak }) => percent(ofPeak) },
];

type Measured = Extract<Row, { status: 'measured' }>;

/** The results as Markdown: what they were measured on, a table a model, and why what is missing is missing. */
export function resultsTable(results: readonly Result[]): string {
  const rows = results.filter((result) => result.type === 'row');
  const parts = [header(results)];
  for (const model of new Set(rows.map((row) => row.model))) {
    const own = rows.filter((row) => row.model === model);
    parts.push(`**${model}**`, table(own));
    const failed = own.flatMap((row) =>
      row.status === 'failed'
        ? [`- ${row.precision}, ${row.what}, batch ${row.batch}: ${row.reason.replace(/\.$/, '')}.`]
        : [],
    );
    if (failed.length > 0) parts.push(`Not measured:\n\n${failed.join('\n')}`);
  }
  return `${parts.join('\n\n')}\n`;
}

function header(results: readonly Result[]): string {
  const machine = results.find((result) => result.type === 'machine');
  const runtimes = results.filter((result) => result.type === 'runtime');
  const peaks = results.flatMap((result) => {
    if (result.type === 'peak') return `${result.precision} ${figure(result.flops / 1e12, 3)} (${result.by})`;
    return result.type === 'peak-failed' ? `${result.precision} not measured: ${result.reason}` : [];
  });
  const facts = [
    ...(machine === undefined
      ? []
      : [
          machine.card,
          ...(machine.driver === undefined ? [] : [`driver ${machine.driver}`]),
          `${machine.cores} cores`,
          `Node ${machine.node}`,
          machine.torch,
        ]),
    ...new Set(runtimes.map(({ runtime }) => runtime)),
    ...new Set(runtimes.flatMap(({ libraries }) => libraries)),
    ...(machine === undefined ? [] : [machine.date]),
  ];
  return `${facts.join(', ')}.\n\nMatrix peak, TFLOP/s: ${peaks.join(', ') || 'not measured'}.`;
}

function table(rows: readonly Row[]): string {
  const measured = rows.filter((row) => row.status === 'measured');
  // A column that nothing stands in says nothing; the first says too what was not measured.
  const shown = columns.filter(({ cell }, at) => at === 0 || measured.some((row) => cell(row) !== ''));
  const lines = [
    ['', 'what', 'batch', ...shown.map(({ title }) => title)],
    ['---', '---', '--:', ...shown.map(() => '--:')],
    ...rows.map((row) => [
      row.precision,
      row.what,
      String(row.batch),
      ...shown.map(({ cell }, at) => (row.status === 'measured' ? cell(row) : at === 0 ? 'not measured' : '')),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** With so many significant digits, and thousands grouped. */
function figure(value: number | undefined, digits: number): string {
  return value === undefined
    ? ''
    : value.toLocaleString('en', { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${figure(100 * share, 3)} %`;
}
