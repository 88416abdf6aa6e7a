import { fileURLToPath } from 'node:url';
import { spawnGuarded, type GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { until } from './until.ts';

const cli = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));

/** A `perimeter serve` process. */
export interface ServeCli extends GuardedProcess {
  /** `http://127.0.0.1:40123`, without a slash at the end. */
  readonly origin: string;
  readonly port: number;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** The page's text, whatever its status. */
  text(path: string): Promise<string>;
  json(path: string): Promise<unknown>;
}

/**
 * Starts `perimeter serve` at a free port, as a shell would.
 *
 * @param atEnd what calls the clean-up: `afterAll` where a whole file shares the server.
 * @param options.address of the Temporal server; left out, it is told not to ask one.
 */
export async function startServe(
  {
    out,
    args = [],
    env,
    address,
  }: { out: string; args?: readonly string[]; env?: NodeJS.ProcessEnv; address?: string },
  atEnd: (cleanUp: () => Promise<void>) => void,
): Promise<ServeCli> {
  const temporal = address === undefined ? ['--no-temporal'] : ['--address', address];
  const server = await spawnGuarded(
    process.execPath,
    [cli, 'serve', '--out', out, '--port', '0', ...temporal, ...args],
    { env: { ...process.env, ...env } },
  );
  atEnd(() => server.kill());
  const printed = await until(
    () => /is shown at http:\/\/(\S+):(\d+)\//.exec(server.output()),
    (found) => {
      if (found === null && server.ended()) throw new Error(`perimeter serve ended: ${server.output()}`);
      return found !== null;
    },
  );
  const [, host, port] = printed ?? [];
  const origin = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  const get: ServeCli['get'] = (path, init) => fetch(origin + path, { redirect: 'manual', ...init });
  return {
    ...server,
    origin,
    port: Number(port),
    get,
    text: async (path) => (await get(path)).text(),
    json: async (path) => (await get(path)).json(),
  };
}
