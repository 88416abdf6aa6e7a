import { normOf, normSymbols } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';
import { accuracyRows } from './accuracy-rows.ts';
import { certifiedAt, type CurveBaseline } from './curve-section.ts';
import { escapeHtml } from './escape-html.ts';
import { floorPercent } from './floor-percent.ts';
import { bodyRow, head, scrollFrame } from './html-tables.ts';
import { tableRadii } from './table-radii.ts';

/** Certified accuracy at the radii that papers have, with its bounds, and a baseline's where there is one. */
export function accuracySection(summary: Summary, baseline?: CurveBaseline): string {
  const radii = tableRadii(summary);
  const rows = accuracyRows(summary, radii).map((row, at) =>
    bodyRow([
      row.radius,
      row.certified,
      row.accuracy,
      row.lower,
      row.wholeCurveLower,
      ...(baseline ? besides(summary, baseline, radii[at]) : []),
    ]),
  );
  const more = baseline ? ['baseline', 'change in points'] : [];
  return `${scrollFrame('Accuracy by radius', 'near')}<table>
<caption>Radii are ${normSymbols[normOf(summary)]}, in input units. Percentages are rounded down. Each lower bound on the share of examples that are
truly robust holds with probability 1 − ${escapeHtml(summary.rho)}.</caption>
${head(['radius', 'certified', 'accuracy', 'lower bound at this radius', 'lower bound at all radii', ...more])}
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}

function besides(summary: Summary, baseline: CurveBaseline, radius: number): [string, string] {
  const before = certifiedAt(baseline.summary, radius);
  if (before === undefined) return ['–', '–'];
  const { examples } = baseline.summary;
  const change = pointChange(certifiedAt(summary, radius) ?? 0, summary.examples, before, examples);
  return [floorPercent(before, examples), change];
}

/** The change of a share in percentage points, with its sign. */
export function pointChange(count: number, of: number, before: number, beforeOf: number): string {
  const points = (100 * (count * beforeOf - before * of)) / (of * beforeOf);
  const size = Math.abs(points).toFixed(2);
  if (Number(size) === 0) return size;
  return `${points < 0 ? '−' : '+'}${size}`;
}
