import type { Summary } from '../records/summary.ts';
import { barsSpec, type Histogram } from './bars-spec.ts';
import { pageStyle } from './chart-style.ts';
import type { ChartFrame } from './curve-spec.ts';
import { drawSvg } from './draw-svg.ts';
import { escapeHtml } from './escape-html.ts';
import type { ExampleColumns } from './example-columns.ts';
import { groupThousands } from './group-thousands.ts';
import { histograms } from './histograms.ts';
import { bodyRow, head, scrollFrame } from './html-tables.ts';
import type { ReportedClaim } from './reported-claim.ts';

const FRAME: ChartFrame = { width: 390, height: 190, padding: { left: 66, right: 20, top: 10, bottom: 50 } };

/** The histograms of a run side by side, each with its counts as a table to open. */
export async function histogramSection(
  summary: Summary,
  claim: ReportedClaim,
  examples: ExampleColumns,
): Promise<string> {
  const figures: string[] = [];
  for (const histogram of histograms(summary, claim, examples)) figures.push(await figure(histogram));
  return `<div class="pair">\n${figures.join('\n')}\n</div>`;
}

async function figure(histogram: Histogram): Promise<string> {
  const { title, bars, axis, what } = histogram;
  const filled = bars.filter(({ parts }) => parts.accent + (parts.alarm ?? 0) > 0);
  const wrong = bars.some(({ parts }) => (parts.alarm ?? 0) > 0);
  const svg = await drawSvg(barsSpec(histogram, { frame: FRAME, style: pageStyle }), {
    label: `${title}: a histogram of ${bars.length} bars, whose counts follow as a table.`,
  });
  const legend = `<ul class="legend">
<li><span class="key square"></span>${what}</li>
${wrong ? '<li><span class="key square misclassified"></span>misclassified</li>\n' : ''}</ul>`;
  const counts = filled.map(({ label, parts }) =>
    bodyRow([label, groupThousands(parts.accent), ...(wrong ? [groupThousands(parts.alarm ?? 0)] : [])]),
  );
  return `<figure>
<h3>${escapeHtml(title)}</h3>
${legend}
${svg}
<details><summary>Counts</summary>
${scrollFrame(`Counts: ${title}`)}<table>
${head([axis, what, ...(wrong ? ['misclassified'] : [])])}
<tbody>
${counts.join('\n')}
</tbody>
</table></div>
</details>
</figure>`;
}
