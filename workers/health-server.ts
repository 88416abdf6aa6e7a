import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { cannotListen, parseBindAddress } from './bind-address.ts';

const NAME = 'The address of the health checks (--health)';

/** What is asked; each answers with nothing where all is well, else with what isn't. */
export interface HealthChecks {
  /** Whether the process should go on: one that says no should be started again. */
  live(): string | undefined;
  /** Whether the process works on what it is there for. */
  ready(): Promise<string | undefined>;
}

export interface HealthServer {
  close(): Promise<void>;
}

/**
 * Answers `GET /healthz` and `GET /readyz` with 200, or 503 and the reason, as one line of JSON. That it answers at all
 * shows that the process's event loop turns.
 *
 * @throws PerimeterError `InvalidRequest` where the address can't be served.
 */
export async function startHealthServer(address: string, checks: HealthChecks): Promise<HealthServer> {
  const { host, port } = parseBindAddress(address, NAME);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/healthz') answer(response, checks.live());
    else if (path === '/readyz') {
      checks.ready().then(
        (reason) => {
          answer(response, reason);
        },
        (error: unknown) => {
          answer(response, `the check failed: ${String(error)}`);
        },
      );
    } else response.writeHead(404).end();
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(address, NAME, error);
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, reason: string | undefined) {
  const body = reason === undefined ? { status: 'ok' } : { status: 'unavailable', reason };
  response.writeHead(reason === undefined ? 200 : 503, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  response.end(`${JSON.stringify(body)}\n`);
}
