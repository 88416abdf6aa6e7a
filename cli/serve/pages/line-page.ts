import { html, raw } from 'hono/html';
import type { IndexedAudit } from '../../../certification/records/audit.ts';
import { radiusTexts } from '../../../certification/report/radius-texts.ts';
import { sameRadius } from '../../../certification/report/same-radius.ts';
import { lastPart } from '../../run-labels.ts';
import { frames } from '../history-svg.ts';
import type { Page } from '../page-of.ts';
import { layout, type Html } from './layout.ts';
import { mark } from './marks.ts';
import { outcomeMark } from './outcome.ts';
import { pager } from './pager.ts';
import { dateText, counted, NOTHING, path, percent } from './texts.ts';

/**
 * `/audits/<line>`.
 *
 * @param audits a page of them, the newest first.
 * @param charts the history as drawn for wide and narrow windows; none where no night has results.
 */
export function linePage({
  line,
  audits,
  charts,
  place,
}: {
  line: string;
  audits: Page<IndexedAudit>;
  charts: readonly string[];
  place: string;
}): Html {
  const last = audits.page === 1 ? audits.items.at(0) : undefined;
  return layout(
    { title: line, part: 'audits', crumbs: [{ href: '/audits', text: 'Audits' }], place },
    html`${
        last === undefined
          ? ''
          : html`<p>${outcomeMark(last)} <span class="quiet">${dateText(last.date)}</span></p>
              <p>${last.reason}</p>`
      }
      ${charts.length === 0 ? '' : chartSection(charts, audits.total)}
      <h2 id="nights">${counted(audits.total, 'night')}</h2>
      ${audits.total === 0 ? html`<p class="quiet">No audits yet.</p>` : auditTable(line, audits.items)}
      ${pager(audits, { path: path('audits', line), of: 'nights' })}`,
  );
}

function chartSection(charts: readonly string[], nights: number): Html {
  return html`<h2>Certified accuracy</h2>
    <figure>
      ${charts.map((chart) => raw(chart))}
      <figcaption>
        <span>Dashed: the least that a gate allows.</span>
        ${nights > frames.broad.nights ? html`<span class="wide">The last ${frames.broad.nights} nights.</span>` : ''}
        ${mark('failed')} ${mark('undecided')} ${mark('error')} ${mark('skipped-night', 'skipped')}
      </figcaption>
    </figure>`;
}

function auditTable(line: string, audits: readonly IndexedAudit[]): Html {
  const newest = audits.find(({ summary }) => summary !== null)?.summary;
  const radii = (newest?.certifiedAccuracy ?? []).map(({ radius }) => radius);
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="nights">
    <table>
      <caption>
        ${radii.length === 0 ? '' : 'Certified accuracy at each radius, rounded down.'}
      </caption>
      <thead>
        <tr>
          <th scope="col">scheduled for</th>
          <th scope="col">outcome</th>
          ${radiusTexts(radii).map((text) => html`<th scope="col" class="number">at ${text}</th>`)}
          <th scope="col" class="wide">why</th>
          <th scope="col" class="wide">model</th>
          <th scope="col" class="wide">run</th>
        </tr>
      </thead>
      <tbody>
        ${audits.map((audit) => auditRow(line, audit, radii))}
      </tbody>
    </table>
  </div>`;
}

function auditRow(line: string, audit: IndexedAudit, radii: readonly number[]): Html {
  const { date, summary, reason, model, run } = audit;
  const certified = (radius: number) =>
    summary?.certifiedAccuracy.find((at) => sameRadius(at.radius, radius))?.certified;
  return html`<tr>
    <th scope="row" class="when">
      <a href="${path('audits', line, date)}"
        >${date.slice(0, 10)}<span class="wide">${dateText(date).slice(10)}</span></a
      >
    </th>
    <td>${outcomeMark(audit)}</td>
    ${radii.map((radius) => html`<td class="number">${percent(certified(radius), summary?.examples)}</td>`)}
    <td class="wide why">${reason}</td>
    <td class="wide name">${lastPart(model)}</td>
    <td class="wide">${run === null ? NOTHING : html`<a href="${path('runs', run)}">run</a>`}</td>
  </tr>`;
}
