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
import { oneLine, wordsCell, type Cell, type PrintedTable, type TableRow } from './printed-table.ts';
import { rowLabels } from './row-labels.ts';
import { rowNotes } from './row-notes.ts';
import { commonSetting } from './setting-texts.ts';
import { sharedRadii } from './shared-radii.ts';

/** 0 to 1.5 by 0.25: what fits on a page, and on a terminal of 80 columns. */
const MOST_COLUMNS = 7;
const ACR_DECIMALS = 4;
/** What stands over the columns of the radii. */
const SHARES = 'certified accuracy (%) at radius';

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
  const atLeast = results.some(({ setting }) => setting.mode === 'sequential');
  const labels = rowLabels(results);
  const shares = shareCells(results, { radii, decimals });
  const acrs = acrCells(results, { atLeast });
  const rows = results.map((_, row) => ({ cells: [...labels.cells[row], ...shares[row], acrs[row]] }));
  const extraRows = extras.map((extra) => extraRow(extra, { labels: labels.columns.length, radii, decimals }));
  return {
    title: title ?? `Certified accuracy (%) at ${norm} radii, and average certified radius (ACR)`,
    columns: [
      // The label of an extra row is words.
      ...labels.columns.map((column, at) =>
        at === 0 && extras.length > 0 ? { ...column, align: 'left' as const } : column,
      ),
      ...radiusTexts(radii).map((heading) => ({ heading, group: SHARES, align: 'right' as const })),
      { heading: atLeast ? 'ACR (at least)' : 'ACR', align: 'right' },
    ],
    rows: [...rows, ...extraRows],
    notes: [
      commonSetting(results),
      ...(atLeast ? ['Sequential mode decides the radii asked for alone, so its ACR is a lower bound.'] : []),
      ...(all.length > radii.length ? [`The curves reach on to radius ${radiusTexts(all).at(-1) ?? ''}.`] : []),
      ...unlikeRows(results),
      ...extras.map(({ note }) => oneLine(note)),
      ...rowNotes(results),
    ],
  };
}

/** Certified accuracy of each result at each radius. */
function shareCells(
  results: readonly CertifiedResults[],
  { radii, decimals }: { radii: readonly number[]; decimals: number },
): Cell[][] {
  const examples = results.map((each) => each.radii.length);
  const columns = radii.map((radius) => {
    const counts = results.map((each) => certifiedCount(each, radius));
    const best = largest(counts, examples);
    return counts.map((count, row) => cell(percentDigits(count, examples[row], decimals), best.includes(row)));
  });
  return results.map((_, row) => columns.map((column) => column[row]));
}

function acrCells(results: readonly CertifiedResults[], { atLeast }: { atLeast: boolean }): Cell[] {
  const acrs = results.map(({ summary }) => summary.averageCertifiedRadius);
  // Lower bounds don't tell which is the largest.
  const best = atLeast ? [] : largest(acrs, new Array<number>(acrs.length).fill(1));
  return acrs.map((acr, row) => cell(formatRadius(acr, ACR_DECIMALS), best.includes(row)));
}

function cell(text: string, best: boolean): Cell {
  return { text, ...(best && { best }) };
}

function extraRow(
  { label, examples, certifiedAt, averageCertifiedRadius }: ExtraSeries,
  { labels, radii, decimals }: { labels: number; radii: readonly number[]; decimals: number },
): TableRow {
  const acr = averageCertifiedRadius === undefined ? '' : formatRadius(averageCertifiedRadius, ACR_DECIMALS);
  const texts = [
    label,
    ...new Array<string>(labels - 1).fill(''),
    ...radii.map((radius) => percentDigits(certifiedAt(radius), examples, decimals)),
    acr,
  ];
  return { apart: true, cells: texts.map(wordsCell) };
}

/** Which shares are the largest, told in whole numbers where they are; none where there is but one, or all are 0. */
function largest(counts: readonly number[], totals: readonly number[]): number[] {
  const isMore = (one: number, other: number) => counts[one] * totals[other] > counts[other] * totals[one];
  const places = counts.map((_, at) => at);
  if (places.length < 2) return [];
  return places.filter((at) => counts[at] > 0 && !places.some((other) => isMore(other, at)));
}

function unlikeRows([first, ...others]: readonly CertifiedResults[]): string[] {
  const unlike = others.find((each) => firstUnlikeExample(first, each) !== undefined);
  return unlike === undefined ? [] : ['The rows are not all of the same examples.'];
}
