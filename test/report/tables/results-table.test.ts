import { describe, expect, it } from 'vitest';
import { certifiedPoint } from '../../../certification/report/tables/certified-point.ts';
import type { PrintedTable } from '../../../certification/report/tables/printed-table.ts';
import { resultsTable } from '../../../certification/report/tables/results-table.ts';
import { runTable } from '../../../certification/report/tables/run-table.ts';
import { resultsOf, runResults } from './sample-results.ts';

const headings = (table: PrintedTable) => table.columns.map(({ heading }) => heading);
const texts = (table: PrintedTable) => table.rows.map(({ cells }) => cells.map(({ text }) => text));
const bold = (table: PrintedTable) =>
  table.rows.map(({ cells }) => cells.map(({ best }) => (best ? 'best' : '')).join('|'));

const small = resultsOf([0.6, 0.5, 0.1, -1], { name: 'small', setting: { scale: 0.25 } });
const large = resultsOf([1.25, 0.5, -1, -1], { name: 'large', setting: { scale: 0.5 } });

describe('the table of several results', () => {
  it('has a row for each, a column for each radius, and the average certified radius', () => {
    const table = resultsTable([small, large]);
    expect(headings(table)).toEqual(['σ', '0.00', '0.25', '0.50', '0.75', '1.00', '1.25', 'ACR']);
    expect(texts(table)).toEqual([
      ['0.25', '75', '50', '50', '0', '0', '0', '0.3000'],
      ['0.50', '50', '50', '50', '25', '25', '25', '0.4375'],
    ]);
    expect(table.notes[0]).toBe('4 examples, n0 = 100, n = 1,000, α = 0.001, radii of the ℓ2 norm in input units.');
  });

  it('marks the best of each column, all of them where several are, and none where nothing is certified', () => {
    const table = resultsTable([small, large], { radii: [0, 0.25, 0.75, 2] });
    expect(bold(table)).toEqual(['|best|best|||', '||best|best||best']);
  });

  it('tells the best by what is certified, not by what is printed', () => {
    const one = resultsOf([...new Array<number>(1000).fill(1), ...new Array<number>(2000).fill(-1)]);
    const other = resultsOf([...new Array<number>(999).fill(1), ...new Array<number>(2001).fill(-1)], {
      setting: { scale: 0.5 },
    });
    const table = resultsTable([one, other], { radii: [0], decimals: 0 });
    expect(texts(table).map(([, accuracy]) => accuracy)).toEqual(['33', '33']);
    expect(bold(table)[0]).toBe('|best|best');
    expect(bold(table)[1]).toBe('||');
  });

  it('floors percentages in whole numbers, with the decimals that print each share, at most two', () => {
    const two = (examples: number, certified: number) =>
      Array.from({ length: examples }, (_, at) => (at < certified ? 1 : -1));
    const share = (examples: number, certified: number, decimals?: number) =>
      texts(
        resultsTable([resultsOf(two(examples, certified))], {
          radii: [0],
          ...(decimals !== undefined && { decimals }),
        }),
      )[0][1];
    expect(share(500, 412)).toBe('82.4');
    expect(share(300, 200)).toBe('66.66');
    expect(share(100, 29)).toBe('29');
    expect(share(300, 200, 0)).toBe('66');
    expect(share(3, 2, 4)).toBe('66.6666');
  });

  it('names rows by what they differ in: model, law, n, α, and their own names where that is not enough', () => {
    const models = [
      { ...small, model: 'nets/a.onnx' },
      { ...large, model: 'nets/b.onnx' },
    ];
    expect(headings(resultsTable(models)).slice(0, 2)).toEqual(['model', 'σ']);
    expect(texts(resultsTable(models)).map(([model]) => model)).toEqual(['a.onnx', 'b.onnx']);
    const mixed = [
      { ...small, model: 'nets/a.onnx' },
      { ...large, name: 'elsewhere' },
    ];
    expect(texts(resultsTable(mixed)).map(([model]) => model)).toEqual(['nets/a.onnx', 'elsewhere']);
    const uniform = resultsOf([1], { setting: { law: 'uniform', n: 500, alpha: 0.01 } });
    const laws = resultsTable([small, uniform]);
    expect(headings(laws).slice(0, 4)).toEqual(['noise', 'n', 'α', 'examples']);
    expect(texts(laws)[1].slice(0, 4)).toEqual(['λ = 0.25', '500', '0.01', '1']);
    const twins = resultsTable([
      { ...small, name: 'logs/x/first' },
      { ...small, name: 'logs/x/second' },
    ]);
    expect(texts(twins).map((row) => row.slice(0, 2))).toEqual([
      ['first', '0.25'],
      ['second', '0.25'],
    ]);
  });

  it('says where its rows are of other examples, simulated or imported', () => {
    const other = { ...large, labels: Int32Array.from([0, 0, 0, 7]) };
    expect(resultsTable([small, other]).notes).toContain('The rows are not all of the same examples.');
    expect(resultsTable([small, large]).notes).toHaveLength(1);
    const simulated = { ...large, summary: { ...large.summary, simulated: true as const } };
    expect(resultsTable([small, simulated]).notes.join()).toContain('σ = 0.5: SIMULATED');
  });

  it('sets apart a row that is of no single result, which is never the best', () => {
    const extra = { label: 'envelope', note: 'A choice after looking.', examples: 4, certifiedAt: () => 4 };
    const table = resultsTable([small, large], { radii: [0], extras: [extra] });
    expect(table.rows[2]).toEqual({
      apart: true,
      cells: [{ text: 'envelope' }, { text: '100' }, { text: '' }],
    });
    expect(bold(table)).toEqual(['|best|', '||best', '||']);
    expect(table.notes).toContain('A choice after looking.');
  });

  it('refuses radii of several norms, and radii that a run of sequential mode did not decide', () => {
    const linf = resultsOf([0.1], { name: 'linf', setting: { norm: 'linf' } });
    expect(() => resultsTable([small, linf])).toThrow('of small are of the ℓ2 norm and those of linf of the ℓ∞ norm');
    const sequential = runResults('sequential', 20);
    expect(() => resultsTable([small, sequential], { radii: [0.3] })).toThrow(
      'sequential is of sequential mode and decided no radius 0.3: ask by --radii for some of 0.00, 0.25, 0.50.',
    );
    const elsewhere = resultsOf([0.1], { name: 'elsewhere', decided: [0.1] });
    expect(() => resultsTable([sequential, elsewhere])).toThrow('decided no radius in common');
  });

  it('reads sequential mode at the radii that all such rows decided, and calls its mean radius a lower bound', () => {
    const both = [
      resultsOf([0.5, 0.1], { decided: [0, 0.1, 0.2, 0.5] }),
      resultsOf([0.5, 0], { decided: [0, 0.5] }),
      small,
    ];
    const table = resultsTable(both);
    expect(headings(table).slice(-3)).toEqual(['0.00', '0.50', 'ACR (at least)']);
    expect(bold(table).every((row) => row.endsWith('|'))).toBe(true);
  });

  it('takes a typed radius for the one that was decided, whatever its last bits', () => {
    const decided = resultsOf([0.1 + 0.2], { decided: [0.1 + 0.2] });
    expect(texts(resultsTable([decided], { radii: [0.3] }))[0][1]).toBe('100');
  });
});

describe('the table of one result', () => {
  it.each(['fixed', 'sequential'] as const)('has the counts and bounds of the curve: %s', (mode) => {
    const results = runResults(mode, 100);
    for (const point of results.summary.curve) expect(certifiedPoint(results, point.radius)).toEqual(point);
    const table = runTable(results);
    expect(headings(table)).toEqual(['radius', 'certified', 'accuracy (%)', 'at this radius', 'at all radii']);
    const half = results.summary.curve.find(({ radius }) => radius === 0.5);
    const row = texts(table).find(([radius]) => radius === '0.50');
    expect(row?.slice(1)).toEqual(
      [half?.certified, half?.certified, 100 * (half?.lower ?? 0), 100 * (half?.wholeCurveLower ?? 0)].map((value) =>
        String(Math.round(value ?? NaN)),
      ),
    );
    const acr = mode === 'sequential' ? 'average certified radius at least 0.' : 'average certified radius 0.';
    expect(table.notes[1]).toContain(acr);
    expect(table.notes[0]).toContain(mode === 'sequential' ? 'n ≤ 10,000' : 'n = 10,000');
  });

  it('is exact in fixed mode at radii between those of the curve', () => {
    const results = resultsOf([0.3, 0.3333, 0.4, -1]);
    expect(texts(runTable(results, { radii: [0.3333, 0.33331] })).map(([, count]) => count)).toEqual(['2', '1']);
  });
});
