import { html } from 'hono/html';
import type { Html } from './layout.ts';

const WIDTH = 120;
const HEIGHT = 26;
/** Room for the dot at the end. */
const MARGIN = 3;
/** A smaller spread is drawn as if it were this, in percentage points: noise isn't to look like a fall. */
const LEAST_SPREAD = 4;

/** A value of each night, in percent; null where a night has none. */
export interface SparkPoint {
  readonly value: number | null;
  readonly bad: boolean;
}

/**
 * A line over nights as small as a word, with a dot at its end and at each bad night.
 *
 * @param label what it shows, in words.
 */
export function sparkline(points: readonly SparkPoint[], label: string): Html {
  const values = points.flatMap(({ value }) => value ?? []);
  if (values.length === 0) return html``;
  const middle = (Math.max(...values) + Math.min(...values)) / 2;
  const spread = Math.max(LEAST_SPREAD, Math.max(...values) - Math.min(...values));
  const x = (at: number) =>
    points.length === 1 ? WIDTH - MARGIN : MARGIN + (at * (WIDTH - 2 * MARGIN)) / (points.length - 1);
  const y = (value: number) => HEIGHT / 2 - ((value - middle) * (HEIGHT - 2 * MARGIN)) / spread;
  const placed = points.flatMap(({ value, bad }, at) => (value === null ? [] : [{ x: x(at), y: y(value), bad }]));
  const shown = placed.filter(({ bad }, at) => bad || at === placed.length - 1);
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
    <polyline points="${placed.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ')}" />
    ${shown.map(
      (point) =>
        html`<circle
          cx="${point.x.toFixed(1)}"
          cy="${point.y.toFixed(1)}"
          r="2.4"
          class="${point.bad ? 'bad' : 'good'}"
        />`,
    )}
  </svg>`;
}
