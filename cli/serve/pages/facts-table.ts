import { html } from 'hono/html';
import type { Html } from './layout.ts';

export type Fact = readonly [name: string, value: string | Html];

/** What is known of something: a name and a value a row. */
export function factsTable(facts: readonly Fact[]): Html {
  return html`<table class="facts">
    <tbody>
      ${facts.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
