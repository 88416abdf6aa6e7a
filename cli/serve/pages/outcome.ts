import { html } from 'hono/html';
import type { Audit, IndexedAudit } from '../../../certification/records/audit.ts';
import { radiusTexts } from '../../../certification/report/radius-texts.ts';
import type { Html } from './layout.ts';
import { mark } from './marks.ts';
import { percent } from './texts.ts';

/** How an audit ended; of one that was skipped, how the earlier one did. */
export function outcomeMark({ outcome, skipped }: Pick<Audit, 'outcome' | 'skipped'>): Html {
  if (skipped === undefined) return mark(outcome);
  return outcome === 'passed' ? mark('skipped-night', 'skipped') : mark(outcome, `skipped, ${outcome}`);
}

/** Certified accuracy at an audit's radii, each after its radius. */
export function accuracies(summary: IndexedAudit['summary']): Html {
  if (summary === null) return html`<span class="quiet">no results</span>`;
  const texts = radiusTexts(summary.certifiedAccuracy.map(({ radius }) => radius));
  return html`<span class="figures">
    ${summary.certifiedAccuracy.map(
      ({ certified }, at) => html`<span><small>${texts[at]}</small>${percent(certified, summary.examples)}</span>`,
    )}
  </span>`;
}
