import { html } from 'hono/html';
import type { Page } from '../page-of.ts';
import type { Html } from './layout.ts';

/** Links to the pages before and after; nothing where there is one page. */
export function pager({ page, pages }: Omit<Page<unknown>, 'items'>, { path, of }: { path: string; of: string }): Html {
  if (pages === 1) return html``;
  const link = (to: number, text: string, rel: string) =>
    to < 1 || to > pages ? '' : html`<a href="${path}?page=${to}" rel="${rel}">${text}</a>`;
  return html`<nav class="pages" aria-label="Pages of ${of}">
    ${link(page - 1, '← Newer', 'prev')}<span>Page ${page} of ${pages}</span>${link(page + 1, 'Older →', 'next')}
  </nav>`;
}
