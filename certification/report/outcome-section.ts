import type { Summary } from '../records/summary.ts';
import { outcomes, type Outcome } from './example-columns.ts';
import { floorPercent } from './floor-percent.ts';
import { groupThousands } from './group-thousands.ts';
import { scrollFrame } from './html-tables.ts';

/** Units of the strip's width; its parts are whole ones. */
const STRIP = 10_000;

const MEANING: Record<Outcome, string> = {
  certified: 'a certificate of the label',
  misclassified: 'a certificate of another class',
  abstained: 'too close to call',
  skipped: 'first guess is not the label: no estimation was drawn',
  failed: 'could not be read or classified',
};

/** What became of the examples, as a strip and as a table; all of them count in every percentage. */
export function outcomeSection(summary: Summary): string {
  const { examples, abstained, skipped, failed } = summary;
  const correct = summary.perClass.reduce((sum, each) => sum + each.correct, 0);
  const counts: Record<Outcome, number> = {
    certified: correct,
    misclassified: summary.certified - correct,
    abstained,
    skipped,
    failed,
  };
  const shown = [...outcomes].reverse();
  let before = 0;
  const parts = shown.map((outcome) => {
    const from = Math.round((STRIP * before) / examples);
    before += counts[outcome];
    const width = Math.round((STRIP * before) / examples) - from;
    return width === 0 ? '' : `<rect class="${outcome}" x="${from}" width="${width}" height="10"/>`;
  });
  const rows = shown.map(
    (outcome) =>
      `<tr><th scope="row"><span class="key square ${outcome}"></span>${outcome}</th><td>${groupThousands(counts[outcome])}</td>` +
      `<td>${floorPercent(counts[outcome], examples)}</td><td class="meaning">${MEANING[outcome]}</td></tr>`,
  );
  return `<svg class="strip" viewBox="0 0 ${STRIP} 10" preserveAspectRatio="none" aria-hidden="true">${parts.join('')}</svg>
${scrollFrame('What became of the examples', 'near')}<table class="outcomes">
<thead><tr><th scope="col">outcome</th><th scope="col">examples</th><th scope="col">share</th><th scope="col" class="meaning">what it means</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}
