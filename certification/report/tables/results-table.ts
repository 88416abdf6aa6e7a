import { normSymbols } from '../../records/norm.ts';
import type { CertifiedResults } from '../certified-results.ts';
import { formatRadius } from '../format-radius.ts';
import { percentDigits } from '../percent-digits.ts';
import { radiusTexts } from '../radius-texts.ts';
import { certifiedCount } from './certified-point.ts';
import { decimalsOfShares } from './decimals-of-shares.ts';
import type { ExtraSeries } from './extra-series.ts';
import { firstUnlikeExample } from './first-unlike-example.ts';
import { oneNorm } from './one-norm.ts';
import { wordsCell, type Cell, type Column, type PrintedTable, type TableRow } from './printed-table.ts';
import { rowLabels } from './row-labels.ts';
import { rowNotes } from './row-notes.ts';
import { commonSetting } from './setting-texts.ts';
import { sharedRadii } from './shared-radii.ts';

/** 0 to 1.5 by 0.25: what fits on a page, and on a terminal of 80 columns. */
const MOST_COLUMNS = 7;
const ACR_DECIMALS = 4;

/**
 * The table of a paper: a row for each of several results, a column of certified accuracy for each radius, and the average
 * certified radius; the best of each column is marked, all of them where several are equally good.
 *
 * @param results at least one, of one norm; rows come in their order.
 * @param options.radii where to read certified accuracy; left out, the first seven of `sharedRadii`.
 * @param options.decimals of the percentages, 0 to 4; left out, what prints every share exactly, at most 2.
 * @param options.extras rows that aren't of one result, under the others, never marked best.
 * @throws PerimeterError `InvalidRequest` where norms differ, or a result says nothing of a radius.
 */
export function resultsTable(
  results: readonly CertifiedResults[],
  {
    radii: given,
    decimals = decimalsOfShares(results.map(({ radii }) => radii.length)),
    title,
    extras = [],
  }: { radii?: readonly number[]; decimals?: number; title?: string; extras?: readonly ExtraSeries[] } = {},
): PrintedTable {
  const norm = normSymbols[oneNorm(results)];
  const all = given ?? sharedRadii(results);
  const radii = given ?? all.slice(0, MOST_COLUMNS);
  const texts = radiusTexts(radii);
  const labels = rowLabels(results);
  const atLeast = results.some(({ setting }) => setting.mode === 'sequential');
  const counts = results.map((each) => radii.map((radius) => certifiedCount(each, radius)));
  const best = {
    accuracy: radii.map((_, at) =>
      mostOf(
        counts.map((own) => own[at]),
        results.map((each) => each.radii.length),
      ),
    ),
    // Lower bounds don't tell which is the largest.
    acr: atLeast
      ? []
      : mostOf(
          results.map(({ summary }) => summary.averageCertifiedRadius),
          results.map(() => 1),
        ),
  };
  const rows = results.map(({ radii: { length: examples }, summary }, row): TableRow => {
    const shares = counts[row].map((count, at): Cell => ({
      text: percentDigits(count, examples, decimals),
      ...(best.accuracy[at].includes(row) && { best: true }),
    }));
    const acr = formatRadius(summary.averageCertifiedRadius, ACR_DECIMALS);
    return { cells: [...labels.cells[row], ...shares, { text: acr, ...(best.acr.includes(row) && { best: true }) }] };
  });
  const extraRows = extras.map(({ label, examples, certifiedAt, averageCertifiedRadius }): TableRow => {
    const empty = labels.columns.slice(1).map(() => wordsCell(''));
    const shares = radii.map((radius) => wordsCell(percentDigits(certifiedAt(radius), examples, decimals)));
    const acr = averageCertifiedRadius === undefined ? '' : formatRadius(averageCertifiedRadius, ACR_DECIMALS);
    return { apart: true, cells: [wordsCell(label), ...empty, ...shares, wordsCell(acr)] };
  });
  return {
    title: title ?? `Certified accuracy (%) at ${norm} radii, and average certified radius (ACR)`,
    columns: [
      // The label of an extra row is words.
      ...labels.columns.map((column, at): Column =>
        at === 0 && extras.length > 0 ? { ...column, align: 'left' } : column,
      ),
      ...texts.map((heading): Column => ({ heading, group: 'certified accuracy (%) at radius', align: 'right' })),
      { heading: atLeast ? 'ACR (at least)' : 'ACR', align: 'right' },
    ],
    rows: [...rows, ...extraRows],
    notes: [
      commonSetting(results),
      ...(atLeast ? ['Sequential mode decides the radii asked for alone, so its ACR is a lower bound.'] : []),
      ...(all.length > radii.length ? [`The curves reach on to radius ${radiusTexts(all).at(-1) ?? ''}.`] : []),
      ...unlikeRows(results),
      ...extras.map(({ note }) => note),
      ...rowNotes(results),
    ],
  };
}

/** Which shares are the largest, told in whole numbers where they are; none where there is but one, or all are 0. */
function mostOf(counts: readonly number[], totals: readonly number[]): number[] {
  const isMore = (one: number, other: number) => counts[one] * totals[other] > counts[other] * totals[one];
  const places = counts.map((_, at) => at);
  if (places.length < 2) return [];
  return places.filter((at) => counts[at] > 0 && !places.some((other) => isMore(other, at)));
}

function unlikeRows([first, ...others]: readonly CertifiedResults[]): string[] {
  const unlike = others.find((each) => firstUnlikeExample(first, each) !== undefined);
  return unlike === undefined ? [] : ['The rows are not all of the same examples.'];
}
