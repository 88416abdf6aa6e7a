import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A part of the page that is kept in a file of its own, and the source expression that lets it through the page's policy. */
export interface PageAsset {
  readonly text: string;
  readonly source: string;
}

/** The page's style sheet and script: the same bytes from a checkout and from its build. */
export function pageAssets(): { style: PageAsset; script: PageAsset } {
  return { style: asset('report.css'), script: asset('report.js') };
}

function asset(name: string): PageAsset {
  const text = `\n${readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')}`;
  return { text, source: `'sha256-${createHash('sha256').update(text).digest('base64')}'` };
}
