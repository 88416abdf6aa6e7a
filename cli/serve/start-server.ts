import { once } from 'node:events';
import type { Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { cannotListen } from '../../workers/bind-address.ts';
import type { ServeEnv } from './access.ts';

/** The only requests with a body are small forms. */
const REQUEST_TIMEOUT_MS = 30_000;
/** What is being answered when the server is told to stop has so long. */
const GRACE_MS = 1_000;

export interface RunningServer {
  /** `http://127.0.0.1:8080/`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves an application over HTTP.
 *
 * @param options.host an IP address.
 * @param options.port 0 for any that is free.
 * @param options.app made for the port that it is served at.
 * @throws PerimeterError `InvalidRequest` where the address can't be listened at.
 */
export async function startServer({
  host,
  port,
  app: makeApp,
}: {
  host: string;
  port: number;
  app: (port: number) => Hono<ServeEnv>;
}): Promise<RunningServer> {
  let app: Hono<ServeEnv> | undefined;
  const server = createAdaptorServer({
    // No request comes before it listens, and then the application is there.
    fetch: (request, env) => app?.fetch(request, env) ?? new Response(null, { status: 503 }),
    overrideGlobalObjects: false,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
  }) as Server;
  const literal = isIP(host) === 6 ? `[${host}]` : host;
  server.listen(port, host, () => {
    app = makeApp((server.address() as AddressInfo).port);
  });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(`${literal}:${port}`, 'The pages', error);
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${literal}:${bound}/`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const impatient = setTimeout(() => {
        server.closeAllConnections();
      }, GRACE_MS);
      await closed;
      clearTimeout(impatient);
    },
  };
}

/** The IP address of `--host`. @throws PerimeterError `InvalidRequest`. */
export function ipOf(host: string): string {
  if (host === 'localhost') return '127.0.0.1';
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return bare;
  throw new PerimeterError(
    'InvalidRequest',
    `--host is "${host}", but must be an IP address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for every interface.`,
  );
}
