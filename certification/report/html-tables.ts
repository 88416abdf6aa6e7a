import { escapeHtml } from './escape-html.ts';

/** A fact's name, and what it is. */
export type Fact = readonly [name: string, value: string | number];

/** A table of facts by name; a digest is set as code. */
export function factTable(caption: string, facts: readonly Fact[]): string {
  const rows = facts.map(([name, value]) => {
    const text = escapeHtml(value);
    const shown = /^[0-9a-f]{64}$/.test(text) ? `<code>${text}</code>` : text;
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${shown}</td></tr>`;
  });
  return `<table class="evidence">\n<caption>${escapeHtml(caption)}.</caption>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

/** A table's line of headings. */
export function head(headings: readonly string[]): string {
  return `<thead><tr>${headings.map((heading) => `<th scope="col">${escapeHtml(heading)}</th>`).join('')}</tr></thead>`;
}

/** A table's line whose first cell names it. */
export function bodyRow([first, ...rest]: readonly string[]): string {
  const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
  return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
}

/** Opens a frame in which something wide can be moved sideways, by the keyboard too. */
export function scrollFrame(label: string, classes = ''): string {
  return `<div class="scroll${classes && ` ${classes}`}" role="region" aria-label="${escapeHtml(label)}" tabindex="0">`;
}
