import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { freePort } from './free-port.ts';
import { spawnGuarded, type GuardedProcess } from './spawn-guarded.ts';
import { runAttributes } from '../../workflows/search-attributes.ts';
import { findTemporalCli } from './temporal-cli.ts';

/** A first start on a busy two-core machine took 6 s. */
const START_TIMEOUT_MS = 60_000;

export type TemporalServer = {
  /** `127.0.0.1:port` of its gRPC service; its namespace is `default`. */
  address: string;
  /** Where its web page is, unless headless. */
  uiUrl?: string;
  pid: number;
  stop: (graceMs?: number) => Promise<void>;
  /** As a crash would end it. */
  kill: () => Promise<void>;
};

/** What the CLI calls the types of search attributes. */
const ATTRIBUTE_TYPES = { KEYWORD: 'Keyword', DOUBLE: 'Double' };

/**
 * Starts a Temporal dev server on 127.0.0.1, as a process that ends with this one, and waits until its namespace answers.
 *
 * @param options.port its gRPC port; by default a free one
 * @param options.dbFilename SQLite file that keeps its workflows through a restart; by default memory
 * @param options.logFile file to append its output to
 * @param options.headless without the web page (default true)
 * @param options.uiPort the page's port, with `headless: false`; by default a free one
 * @param options.extraArgs further arguments of `temporal server start-dev`
 * @param options.onProgress is told when the CLI has to be fetched first
 * @throws PerimeterError `MissingPart` without the CLI, `TemporalUnavailable` where the server doesn't come up
 */
export async function startTemporalServer(
  options: {
    port?: number;
    dbFilename?: string;
    logFile?: string;
    headless?: boolean;
    uiPort?: number;
    extraArgs?: readonly string[];
    onProgress?: (line: string) => void;
  } = {},
): Promise<TemporalServer> {
  const cli = await findTemporalCli({ onProgress: options.onProgress });
  const port = await portFor('port', options.port);
  const address = `127.0.0.1:${port}`;
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)];
  let uiUrl: string | undefined;
  if (options.headless ?? true) {
    args.push('--headless');
  } else {
    const uiPort = await portFor('uiPort', options.uiPort);
    args.push('--ui-port', String(uiPort));
    uiUrl = `http://127.0.0.1:${uiPort}`;
  }
  if (options.dbFilename !== undefined) args.push('--db-filename', options.dbFilename);
  for (const { name, type } of Object.values(runAttributes)) {
    args.push('--search-attribute', `${name}=${ATTRIBUTE_TYPES[type]}`);
  }
  args.push(...(options.extraArgs ?? []));

  const server = await spawnGuarded(cli, args, { logFile: options.logFile });
  if (!(await answers({ server, address }))) {
    await server.kill();
    const reason = server.output().trim().split('\n').slice(-3).join(' ');
    throw new PerimeterError(
      'TemporalUnavailable',
      `The Temporal dev server (${cli}) did not come up on ${address}: ${reason || 'it printed nothing'}.`,
    );
  }
  return { address, ...(uiUrl && { uiUrl }), pid: server.pid, stop: server.stop, kill: server.kill };
}

/** The port asked for, or a free one. Looked at first: a server that already has it would answer in the new one's place. */
async function portFor(name: string, wanted: number | undefined): Promise<number> {
  try {
    return await freePort(wanted);
  } catch (cause) {
    throw new PerimeterError(
      'TemporalUnavailable',
      `The Temporal dev server can't listen on 127.0.0.1:${wanted ?? 0} (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}): ` +
        `stop what uses that port, or choose another ${name}.`,
      { cause },
    );
  }
}

/** True once the default namespace answers; false where the process ended or time is up. */
async function answers({ server, address }: { server: GuardedProcess; address: string }): Promise<boolean> {
  const connection = Connection.lazy({ address });
  const deadline = Date.now() + START_TIMEOUT_MS;
  try {
    while (!server.ended() && Date.now() < deadline) {
      try {
        await connection.withDeadline(Date.now() + 1_000, () =>
          connection.workflowService.describeNamespace({ namespace: 'default' }),
        );
        return !server.ended();
      } catch {
        await sleep(100);
      }
    }
    return false;
  } finally {
    await connection.close();
  }
}
