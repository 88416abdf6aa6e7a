import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** Figures side by side, each under its name. */
export function figures(all: readonly (readonly [name: string, value: string])[]): Html {
  return html`<dl class="big">
    ${all.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
