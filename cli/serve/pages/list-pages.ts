import { html } from 'hono/html';
import type { AuditIndex, IndexedAudit } from '../../../certification/records/audit.ts';
import { normSymbols } from '../../../certification/records/norm.ts';
import { formatRadius } from '../../../certification/report/format-radius.ts';
import { sameRadius } from '../../../certification/report/same-radius.ts';
import { scaleText } from '../../../certification/report/scale-text.ts';
import { LISTED_RADIUS, type ListedRun, type RunList } from '../list-runs.ts';
import type { Page } from '../page-of.ts';
import type { ListedLine } from '../read-audits.ts';
import { layout, type Html } from './layout.ts';
import { mark, type Marked } from './marks.ts';
import { accuracies, outcomeMark } from './outcome.ts';
import { pager } from './pager.ts';
import { sparkline } from './sparkline.ts';
import { dateText, count, counted, NOTHING, path, percent, time } from './texts.ts';

/** Nights of a line's small chart. */
const SPARK_NIGHTS = 30;

interface Lists {
  readonly lines: Page<ListedLine>;
  readonly runs: RunList;
  readonly place: string;
}

/** `/`: the lines and the newest runs. */
export function homePage({ lines, runs, place }: Lists): Html {
  return layout(
    { title: 'Certified robustness', place },
    html`<h2 id="lines">Audits</h2>
      ${lineTable(lines, 'lines')}
      ${lines.pages > 1 ? html`<p class="pages"><a href="/audits">All ${lines.total} lines</a></p>` : ''}
      <h2 id="runs">Recent runs</h2>
      ${liveNote(runs)}${runTable(runs, 'runs')}
      ${runs.pages > 1 ? html`<p class="pages"><a href="/runs?page=2">Older runs →</a></p>` : ''}`,
  );
}

/** `/audits`: the lines. */
export function linesPage({ lines, place }: Omit<Lists, 'runs'>): Html {
  return layout(
    { title: 'Audits', part: 'audits', place },
    html`${lineTable(lines, 'content')} ${pager(lines, { path: '/audits', of: 'lines' })}`,
  );
}

/** `/runs`: the runs. */
export function runsPage({ runs, place }: Omit<Lists, 'lines'>): Html {
  return layout(
    { title: 'Runs', part: 'runs', place },
    html`<p class="quiet">${counted(runs.total, 'run')}, those under way first, then by the time in their ids.</p>
      ${liveNote(runs)}${runTable(runs, 'content')} ${pager(runs, { path: '/runs', of: 'runs' })}`,
  );
}

function liveNote({ liveUnavailable }: RunList): Html | '' {
  return liveUnavailable === undefined
    ? ''
    : html`<p class="note">Runs under way aren’t known here: ${liveUnavailable}</p>`;
}

function lineTable({ items }: Page<ListedLine>, labelledBy: string): Html {
  if (items.length === 0) {
    return html`<p class="quiet">No audits yet: a schedule makes the first, or “perimeter schedule trigger”.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${labelledBy}">
    <table>
      <thead>
        <tr>
          <th scope="col">line</th>
          <th scope="col">last audit</th>
          <th scope="col">certified accuracy at radius</th>
          <th scope="col" class="wide">last ${SPARK_NIGHTS} nights</th>
          <th scope="col" class="wide">when</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(lineRow)}
      </tbody>
    </table>
  </div>`;
}

function lineRow(listed: ListedLine): Html {
  const name = html`<th scope="row"><a href="${path('audits', listed.line)}">${listed.line}</a></th>`;
  if ('problem' in listed)
    return html`<tr>
      ${name}
      <td colspan="4" class="unreadable">${listed.problem}</td>
    </tr>`;
  const last = listed.audits.at(-1);
  if (last === undefined)
    return html`<tr>
      ${name}
      <td colspan="4" class="quiet">no audits yet</td>
    </tr>`;
  return html`<tr>
    ${name}
    <td>${outcomeMark(last)}</td>
    <td>${accuracies(last.summary)}</td>
    <td class="wide">${spark(listed.audits)}</td>
    <td class="wide when">${dateText(last.date)}</td>
  </tr>`;
}

/** Certified accuracy at the last audit's smallest radius above 0, over the last nights. */
function spark(audits: AuditIndex['audits']): Html | '' {
  const last = audits.findLast(({ summary }) => summary !== null)?.summary?.certifiedAccuracy ?? [];
  const radius = (last.find((at) => at.radius > 0) ?? last.at(0))?.radius;
  if (radius === undefined) return '';
  const points = audits.slice(-SPARK_NIGHTS).map((audit) => ({
    value: accuracyAt(audit, radius),
    bad: audit.outcome === 'failed',
  }));
  const bad = points.filter((point) => point.bad).length;
  return sparkline(
    points,
    `Certified accuracy at radius ${formatRadius(radius, 2)} over ${counted(points.length, 'night')}, ${bad} of them failed`,
  );
}

function accuracyAt({ summary }: IndexedAudit, radius: number): number | null {
  const at = summary?.certifiedAccuracy.find((candidate) => sameRadius(candidate.radius, radius));
  return summary === null || at === undefined ? null : (100 * at.certified) / summary.examples;
}

function runTable({ items }: Page<ListedRun>, labelledBy: string): Html {
  if (items.length === 0) {
    return html`<p class="quiet">No runs yet: “perimeter certify --out …” makes them here.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${labelledBy}">
    <table>
      <thead>
        <tr>
          <th scope="col">run</th>
          <th scope="col">state</th>
          <th scope="col" class="wide">model</th>
          <th scope="col" class="wide">dataset</th>
          <th scope="col" class="number wide">noise</th>
          <th scope="col" class="number wide">examples</th>
          <th scope="col" class="number">certified<br />at ${LISTED_RADIUS}</th>
          <th scope="col" class="wide">begun</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(runRow)}
      </tbody>
    </table>
  </div>`;
}

const STATES: Record<ListedRun['state'], Marked> = {
  'under way': 'live',
  finished: 'finished',
  unfinished: 'unfinished',
  unreadable: 'unreadable',
};

function runRow(run: ListedRun): Html {
  const state =
    run.failed !== null && run.failed > 0
      ? html`${mark(STATES[run.state], run.state)} <span class="quiet">(${count(run.failed)} failed)</span>`
      : mark(STATES[run.state], run.state);
  const simulated = run.simulated ? html` <span class="quiet">simulated</span>` : '';
  return html`<tr>
    <th scope="row" class="run"><a href="${path('runs', run.run)}">${run.run}</a></th>
    <td>${state}</td>
    <td class="wide">${run.model === 'stub:' ? 'stub' : (run.model ?? NOTHING)}${simulated}</td>
    <td class="wide">${run.dataset === 'stub:' ? 'stub' : (run.dataset ?? NOTHING)}</td>
    <td class="number wide">
      ${run.sigma === null ? NOTHING : scaleText({ sigma: run.sigma, lambda: run.lambda ?? undefined })}
    </td>
    <td class="number wide">${count(run.examples)}</td>
    <td class="number">${certifiedText(run)}</td>
    <td class="wide when">${time(run.createdAt)}</td>
  </tr>`;
}

function certifiedText({ mode, certified, accurate, examples, norm }: ListedRun): string {
  if (mode === 'predict' && accurate !== null) return `${percent(accurate, examples)} accurate`;
  return `${percent(certified, examples)}${norm === null || norm === 'l2' ? '' : ` in ${normSymbols[norm]}`}`;
}
