import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { tokenGate, type ServeEnv } from './access.ts';
import { loginPage } from './pages/message-pages.ts';

/** A token is short. */
const MAX_LOGIN_BYTES = 4_096;

/**
 * Lets those in alone who bear the token, or began a session with it. Programs are answered in JSON, browsers with the
 * form. The form needs no protection against other sites' requests: only who has the token begins a session.
 */
export function addGate(app: Hono<ServeEnv>, token: string) {
  const gate = tokenGate(token);
  const refuse = (
    c: Context<ServeEnv>,
    { to, found }: { to: string; found: 'wrong' | 'none' | { waitSeconds: number } },
  ) => {
    const sentence = sentenceOf(found);
    const status = typeof found === 'object' ? 429 : 401;
    if (typeof found === 'object') c.header('Retry-After', String(found.waitSeconds));
    else c.header('WWW-Authenticate', 'Bearer');
    const wantsPage = c.req.header('authorization') === undefined && !/^\/(api\/|session$)/.test(c.req.path);
    if (!wantsPage) return c.json({ error: sentence ?? 'A token is needed: Authorization: Bearer …' }, status);
    return c.html(loginPage({ to, fault: sentence }), status);
  };
  app.post('/login', bodyLimit({ maxSize: MAX_LOGIN_BYTES }), async (c) => {
    const { token: given, to } = await c.req.parseBody();
    const target = safePath(to);
    const found = await gate.logIn(c, typeof given === 'string' ? given.trim() : '');
    return found === 'right' ? c.redirect(target, 303) : refuse(c, { to: target, found });
  });
  app.use(async (c, next) => {
    const found = await gate.admits(c);
    if (found === 'right') return next();
    const { pathname, search } = new URL(c.req.url);
    return refuse(c, { to: safePath(pathname === '/login' ? '/' : pathname + search), found });
  });
}

function sentenceOf(found: 'wrong' | 'none' | { waitSeconds: number }): string | undefined {
  if (found === 'none') return undefined;
  if (found === 'wrong') return 'That is not the token.';
  return `Too many wrong tokens: wait ${found.waitSeconds} s.`;
}

/** A path of this server and no other; `/` where it could be another's. */
function safePath(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(to) ? to : '/';
}
