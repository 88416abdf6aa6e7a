import { html } from 'hono/html';
import type { Audit, GateResult } from '../../../certification/records/audit.ts';
import { normSymbols } from '../../../certification/records/norm.ts';
import { formatRadius } from '../../../certification/report/format-radius.ts';
import { radiusTexts } from '../../../certification/report/radius-texts.ts';
import { scaleText } from '../../../certification/report/scale-text.ts';
import { factsTable, type Fact } from './facts-table.ts';
import { figures } from './figures.ts';
import { layout, type Html } from './layout.ts';
import { mark } from './marks.ts';
import { outcomeMark } from './outcome.ts';
import { dateText, count, NOTHING, path, percent, probability, share } from './texts.ts';

const GATES: Record<GateResult['gate'], string> = {
  certifiedAccuracy: 'certified accuracy',
  drop: 'drop against the baseline',
  abstentionRate: 'abstention rate',
  failedShare: 'failed examples',
};

/**
 * `/audits/<line>/<date>`.
 *
 * @param hasReport whether the run's page with its baseline is in the store.
 */
export function auditPage({ audit, hasReport, place }: { audit: Audit; hasReport: boolean; place: string }): Html {
  const { line, date, run } = audit;
  const file = (name: string) => path('audits', line, date, name);
  return layout(
    {
      title: `${line}, ${dateText(date)}`,
      part: 'audits',
      crumbs: [
        { href: '/audits', text: 'Audits' },
        { href: path('audits', line), text: line },
      ],
      place,
    },
    html`<p>${outcomeMark(audit)}</p>
      <p>${audit.reason}</p>
      ${
        audit.skipped === undefined
          ? ''
          : html`<p class="note">
              Skipped: model, data and request are those of
              <a href="${path('audits', line, audit.skipped)}">${dateText(audit.skipped)}</a>, whose run and figures
              these are.
            </p>`
      }
      <ul class="plain">
        ${hasReport ? html`<li><a href="${file('report.html')}">The run’s page, with its baseline</a></li>` : ''}
        ${run === null ? '' : html`<li><a href="${path('runs', run)}">The run</a></li>`}
        <li><a href="${file('audit.json')}">audit.json</a></li>
      </ul>
      ${gatesSection(audit.gates)} ${figuresSection(audit)} ${baselineSection(audit)} ${aboutSection(audit)}`,
  );
}

function gatesSection(gates: readonly GateResult[]): Html {
  if (gates.length === 0)
    return html`<h2 id="gates">Gates</h2>
      <p class="quiet">None was decided.</p>`;
  return html`<h2 id="gates">Gates</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="gates">
      <table class="gates">
        <thead>
          <tr>
            <th scope="col">gate</th>
            <th scope="col">verdict</th>
            <th scope="col" class="number">limit</th>
            <th scope="col" class="number">observed</th>
            <th scope="col" class="number">bounds</th>
            <th scope="col" class="number">p-value</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          ${gates.map(gateRow)}
        </tbody>
      </table>
    </div>`;
}

function gateRow(gate: GateResult): Html {
  const { radius, limit, observed, lower, upper } = gate;
  const value = (of: number) => (gate.gate === 'drop' ? `${of.toFixed(2)} points` : share(of));
  const direction = gate.gate === 'certifiedAccuracy' ? '≥' : '≤';
  return html`<tr>
    <th scope="row">${GATES[gate.gate]}${radius === undefined ? '' : ` at ${formatRadius(radius, 2)}`}</th>
    <td>${mark(gate.verdict, gate.verdict)}</td>
    <td class="number">${direction} ${value(limit)}</td>
    <td class="number">${observed === null ? NOTHING : value(observed)}</td>
    <td class="number">${boundsText(lower, upper, value)}</td>
    <td class="number">${probability(gate.pValue)}</td>
    <td class="why">${gate.reason}</td>
  </tr>`;
}

function boundsText(lower: number | undefined, upper: number | undefined, value: (of: number) => string): string {
  if (lower !== undefined && upper !== undefined) return `${value(lower).replace(/ .*/, '')} – ${value(upper)}`;
  if (lower !== undefined) return `≥ ${value(lower)}`;
  return upper === undefined ? NOTHING : `≤ ${value(upper)}`;
}

function figuresSection({ summary }: Audit): Html | '' {
  if (summary === null) return '';
  const { examples, certifiedAccuracy, norm } = summary;
  const radii = norm === undefined ? '' : `; radii are ${normSymbols[norm]}`;
  const texts = radiusTexts(certifiedAccuracy.map(({ radius }) => radius));
  return html`<h2>Figures</h2>
    <p class="quiet">Of ${count(examples)} examples at ${scaleText(summary)}${radii}.</p>
    ${figures([
      ...certifiedAccuracy.map(
        ({ certified }, at) => [`certified at ${texts[at]}`, percent(certified, examples)] as const,
      ),
      ['clean accuracy', share(summary.cleanAccuracy)],
      ['average certified radius', formatRadius(summary.averageCertifiedRadius, 4)],
      ['abstention rate', share(summary.abstentionRate)],
      ['failed', count(summary.failed)],
    ])}`;
}

function baselineSection({ baseline, line }: Audit): Html {
  if (baseline === null)
    return html`<h2>Baseline</h2>
      <p class="quiet">None: nothing came before it in this line.</p>`;
  const { run, date, pinned, examples, comparison, differs } = baseline;
  const from = date === undefined ? '' : html` of <a href="${path('audits', line, date)}">${dateText(date)}</a>`;
  return html`<h2 id="baseline">Baseline</h2>
    <p>
      <a href="${path('runs', run)}">${run}</a>${from},
      ${pinned ? 'pinned by the line’s file' : 'the last audit that passed'}, of ${count(examples)}
      examples.${differs.length === 0 ? '' : ` Besides the model these differ: ${differs.join(', ')}.`}
    </p>
    ${
      comparison === null
        ? html`<p class="note">It is of other examples, and so can’t be compared one by one.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="baseline">
            <table>
              <thead>
                <tr>
                  <th scope="col">radius</th>
                  <th scope="col" class="number">certified</th>
                  <th scope="col" class="number">in the baseline</th>
                  <th scope="col" class="number">lost</th>
                  <th scope="col" class="number">gained</th>
                  <th scope="col" class="number">p-value</th>
                  <th scope="col" class="number">by Holm</th>
                </tr>
              </thead>
              <tbody>
                ${comparison.map(
                  (at) =>
                    html`<tr>
                      <th scope="row">${formatRadius(at.radius, 2)}</th>
                      <td class="number">${count(at.certified)}</td>
                      <td class="number">${count(at.baseline)}</td>
                      <td class="number">${count(at.lost)}</td>
                      <td class="number">${count(at.gained)}</td>
                      <td class="number">${probability(at.pValue)}</td>
                      <td class="number">${probability(at.adjustedPValue)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }`;
}

function aboutSection({ model, audited, run, generation }: Audit): Html {
  const digest = (value: string) => html`<code>${value}</code>`;
  const facts: Fact[] = [
    ['Model', model],
    ['Run', run === null ? 'none' : html`<a href="${path('runs', run)}">${run}</a>, generation ${generation ?? 1}`],
    ...(audited === null
      ? [['Model, dataset', 'could not be read'] as const]
      : [
          ['Model, SHA-256', digest(audited.model)] as const,
          ['Dataset, SHA-256', digest(audited.dataset)] as const,
          ['Request, SHA-256', digest(audited.request)] as const,
        ]),
  ];
  return html`<h2>What was audited</h2>
    ${factsTable(facts)}`;
}
