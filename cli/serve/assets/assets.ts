import { createHash } from 'node:crypto';
import { LIVE_SCRIPT, LOGIN_SCRIPT } from './scripts.ts';
import { STYLE } from './style.ts';

export interface Asset {
  /** Where it is served: with its digest, so that a browser may keep it for good. */
  readonly path: string;
  readonly text: string;
  readonly contentType: string;
}

function asset(name: string, text: string, contentType: string): Asset {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { path: `/assets/${digest}/${name}`, text, contentType };
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.5" fill="none" stroke="#4a86d4" stroke-width="1.6" stroke-dasharray="2.6 1.5"/><circle cx="8" cy="8" r="2.4" fill="#4a86d4"/></svg>`;

/** What pages load besides themselves. */
export const assets = {
  style: asset('style.css', STYLE, 'text/css; charset=utf-8'),
  liveScript: asset('live.js', LIVE_SCRIPT, 'text/javascript; charset=utf-8'),
  loginScript: asset('login.js', LOGIN_SCRIPT, 'text/javascript; charset=utf-8'),
  icon: asset('icon.svg', ICON, 'image/svg+xml'),
};
