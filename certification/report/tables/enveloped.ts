import type { CertifiedResults } from '../certified-results.ts';
import { curvesSvg } from './curves-svg.ts';
import { envelopeSeries } from './envelope-series.ts';
import type { PrintedTable } from './printed-table.ts';
import { resultsTable } from './results-table.ts';

/** The table of several results (`resultsTable`) with their upper envelope and its bound as last rows, or why they have none. */
export function envelopedTable(
  results: readonly CertifiedResults[],
  options: Omit<NonNullable<Parameters<typeof resultsTable>[1]>, 'extras'> = {},
): PrintedTable {
  const found = envelopeSeries(results);
  if (found === undefined) return resultsTable(results, options);
  if (typeof found !== 'string') return resultsTable(results, { ...options, extras: [found.envelope, found.lower] });
  const table = resultsTable(results, options);
  return { ...table, notes: [...table.notes, found] };
}

/** The curves of several results (`curvesSvg`) with their upper envelope, where they have one. */
export function envelopedCurves(
  results: readonly CertifiedResults[],
  options: { title?: string | undefined } = {},
): Promise<string> {
  const found = envelopeSeries(results);
  const extras =
    found === undefined || typeof found === 'string' ? [] : [{ ...found.envelope, label: found.longLabel }];
  return curvesSvg(results, { ...options, extras });
}
