import { html, raw } from 'hono/html';
import type { Html } from './layout.ts';

/** Shapes that tell outcomes apart without their colours, on a field of 10 × 10, in the colour of the text. */
const shapes = {
  dot: '<circle cx="5" cy="5" r="4" fill="currentColor"/>',
  cross: '<path d="M1.5 1.5 8.5 8.5M8.5 1.5 1.5 8.5" stroke="currentColor" stroke-width="2.2" fill="none"/>',
  diamond: '<path d="M5 .6 9.4 5 5 9.4 .6 5Z" stroke="currentColor" stroke-width="1.6" fill="none"/>',
  triangle: '<path d="M5 1 9.5 9H.5Z" stroke="currentColor" stroke-width="1.5" fill="none"/>',
  ring: '<circle cx="5" cy="5" r="3.6" stroke="currentColor" stroke-width="1.6" fill="none"/>',
  half: '<circle cx="5" cy="5" r="3.8" stroke="currentColor" stroke-width="1.4" fill="none"/><path d="M5 1.2a3.8 3.8 0 0 1 0 7.6Z" fill="currentColor"/>',
} as const;

const shapeOf = {
  passed: shapes.dot,
  pass: shapes.dot,
  finished: shapes.dot,
  failed: shapes.cross,
  fail: shapes.cross,
  undecided: shapes.diamond,
  error: shapes.triangle,
  unreadable: shapes.triangle,
  unfinished: shapes.ring,
  'skipped-night': shapes.ring,
  cancelled: shapes.cross,
  terminated: shapes.cross,
  live: shapes.half,
} as const;

export type Marked = keyof typeof shapeOf;

/** A word with the mark of what it says. */
export function mark(of: Marked, text: string = of): Html {
  return html`<span class="mark ${of}"
    ><svg viewBox="0 0 10 10" aria-hidden="true">${raw(shapeOf[of])}</svg>${text}</span
  >`;
}
