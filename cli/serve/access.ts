import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getSignedCookie, setSignedCookie } from 'hono/cookie';
import { isLoopback } from './read-token.ts';
import { failureThrottle } from './failure-throttle.ts';

/** What requests come with. */
export interface ServeEnv {
  Bindings: HttpBindings;
}

/** Who may see the pages. */
export type Access =
  /** Who bears the token. */
  | { readonly token: string }
  /** Programs of this machine, by these names: a page from elsewhere whose name was bent to this address has another. */
  | { readonly hosts: readonly string[] };

const COOKIE = 'perimeter_serve';
/** A working day. */
const SESSION_SECONDS = 12 * 3_600;

/** The names by which this machine's browsers call an address that no other machine reaches. */
export function loopbackHosts(host: string, port: number): string[] {
  const literal = host.includes(':') ? `[${host}]` : host;
  const names = [...new Set(['localhost', '127.0.0.1', '[::1]', literal])];
  return names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

/** The access that an address is served with. */
export function accessOf({ host, port, token }: { host: string; port: number; token: string | undefined }): Access {
  if (token !== undefined) return { token };
  if (!isLoopback(host)) throw new Error(`${host} would be served to everybody`);
  return { hosts: loopbackHosts(host, port) };
}

/** What became of a token or session. */
type Found = 'right' | 'wrong' | 'none' | { readonly waitSeconds: number };

export interface TokenGate {
  /** Whether a request may see pages, by its session or by its `Authorization: Bearer`. */
  admits(c: Context<ServeEnv>): Promise<Found>;
  /** Begins a session where the token is right. */
  logIn(c: Context<ServeEnv>, token: string): Promise<Found>;
}

/** Asks for a token. Sessions are told by a cookie that the token signs, so that another token ends them all. */
export function tokenGate(token: string): TokenGate {
  const expected = digest(token);
  const secret = digest(`perimeter serve, sessions of ${token}`);
  const throttle = failureThrottle();
  const check = (c: Context<ServeEnv>, given: string): Found => {
    const address = c.env.incoming.socket.remoteAddress ?? '';
    const waitSeconds = throttle.wait(address);
    if (waitSeconds > 0) return { waitSeconds };
    if (timingSafeEqual(digest(given), expected)) return 'right';
    throttle.failed(address);
    return 'wrong';
  };
  return {
    admits: async (c) => {
      const until = Number((await getSignedCookie(c, secret, COOKIE)) || Number.NaN);
      if (until > Date.now()) return 'right';
      const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
      return bearer === undefined ? 'none' : check(c, bearer);
    },
    logIn: async (c, given) => {
      const found = check(c, given);
      if (found !== 'right') return found;
      await setSignedCookie(c, COOKIE, String(Date.now() + 1_000 * SESSION_SECONDS), secret, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: SESSION_SECONDS,
        // A browser drops it where it came without TLS: a proxy in front says whether it did.
        secure: c.req.header('x-forwarded-proto') === 'https',
      });
      return 'right';
    },
  };
}

/** Refuses requests that call this server by a name that isn't one of this machine's. */
export function hostCheck(
  hosts: readonly string[],
  refuse: (c: Context<ServeEnv>, host: string) => Response | Promise<Response>,
): MiddlewareHandler<ServeEnv> {
  return async (c, next) => {
    const host = c.req.header('host')?.toLowerCase() ?? '';
    if (!hosts.includes(host)) return refuse(c, host);
    await next();
    return undefined;
  };
}

function digest(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}
