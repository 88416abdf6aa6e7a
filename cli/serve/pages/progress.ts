import { html } from 'hono/html';
import { duration } from '../../progress-display.ts';
import type { LiveStatus } from '../live-runs.ts';
import type { Html } from './layout.ts';
import { mark, type Marked } from './marks.ts';
import { count } from './texts.ts';

/** Said aloud at every tenth part, and not more often. */
const SAID_PERCENT = 10;

const MARKS: Partial<Record<LiveStatus['state'], Marked>> = {
  finished: 'finished',
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'terminated',
};

/** Whether a run goes on no more. */
export function isOver({ state }: Pick<LiveStatus, 'state'>): boolean {
  return state in MARKS;
}

/** Seconds until a run that is under way has drawn all its samples; undefined where that can't be told. */
export function secondsLeft({ state, samples, samplesDone, samplesPerSecond }: LiveStatus): number | undefined {
  if (state !== 'running' || !Number.isFinite(samplesPerSecond) || samplesPerSecond <= 0) return undefined;
  return (samples - samplesDone) / samplesPerSecond;
}

/** How far a run is. Its element tells the page's script what to say aloud, and when the run is over. */
export function progressPart(status: LiveStatus): Html {
  const { state, examples, examplesFinished, examplesFailed, shards, shardsFinished, shardsFailed, samples } = status;
  const share = samples === 0 ? 0 : Math.min(1, status.samplesDone / samples);
  const left = secondsLeft(status);
  const rate = left === undefined ? undefined : `${count(Math.round(status.samplesPerSecond))} samples a second`;
  const said = SAID_PERCENT * Math.floor((100 * share) / SAID_PERCENT);
  const sentence = isOver(status) ? `The run is over: ${state}.` : `${state}, ${said} % of the samples drawn.`;
  return html`<div data-sentence="${sentence}" ${isOver(status) ? html`data-over` : ''}>
    <p>
      ${mark(MARKS[state] ?? 'live', state)}${status.again ? ', its failed examples alone' : ''}${
        status.reason === undefined ? '' : `: ${status.reason}`
      }
    </p>
    ${
      samples === 0
        ? ''
        : html`<progress max="1" value="${share.toFixed(4)}" aria-label="Samples drawn"></progress>
            <dl class="big">
              ${figure('samples drawn', `${Math.floor(100 * share)} %`)}
              ${figure('examples', `${count(examplesFinished)} of ${count(examples)}`)}
              ${figure('shards', `${count(shardsFinished)} of ${count(shards)}`)}
              ${
                examplesFailed + shardsFailed === 0
                  ? ''
                  : figure('failed', `${count(examplesFailed)} examples, ${count(shardsFailed)} shards`)
              }
              ${rate === undefined || status.sequential ? '' : figure('speed', rate)}
              ${left === undefined ? '' : figure('left', duration(left))}
            </dl>`
    }
    ${status.retrying.map((reason) => html`<p class="note">Tried again: ${reason}</p>`)}
  </div>`;
}

/** The same where Temporal doesn't say. */
export function noProgressPart(why: string): Html {
  return html`<div data-sentence="">
    <p class="note">${why}</p>
  </div>`;
}

function figure(name: string, value: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
