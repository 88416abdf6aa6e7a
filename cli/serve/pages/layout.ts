import { html } from 'hono/html';
import { assets } from '../assets/assets.ts';

/** Markup, whose values are escaped. */
export type Html = ReturnType<typeof html>;

interface Layout {
  readonly title: string;
  /** Links above the heading, from the outermost. */
  readonly crumbs?: readonly { readonly href: string; readonly text: string }[];
  /** Which of the parts it belongs to. */
  readonly part?: 'audits' | 'runs';
  /** A script of `assets`. */
  readonly script?: string;
  /** What stands at the top, instead of the title alone. */
  readonly heading?: Html;
  /** The store, as people type it; left out of pages for those who may not see it. */
  readonly place?: string | undefined;
}

/** A page: the bar, the heading, and what is given. */
export function layout({ title, crumbs = [], part, script, heading, place }: Layout, body: Html): Html {
  const current = (of: Layout['part']) => (of === part ? html` aria-current="page"` : '');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Perimeter</title>
        <link rel="icon" href="${assets.icon.path}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets.style.path}" />
        ${script === undefined ? '' : html`<script type="module" src="${script}"></script>`}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="bar">
          <div>
            <strong><a href="/">Perimeter</a></strong>
            ${
              place === undefined
                ? ''
                : html`<nav aria-label="Parts">
                      <a href="/audits" ${current('audits')}>Audits</a><a href="/runs" ${current('runs')}>Runs</a>
                    </nav>
                    <span class="place">${place}</span>`
            }
          </div>
        </header>
        <main id="content">
          ${
            crumbs.length === 0
              ? ''
              : html`<nav class="crumbs" aria-label="Above this page">
                  ${crumbs.map(({ href, text }, at) => html`${at === 0 ? '' : ' / '}<a href="${href}">${text}</a>`)}
                </nav>`
          }
          <h1>${heading ?? title}</h1>
          ${body}
        </main>
      </body>
    </html> `;
}
