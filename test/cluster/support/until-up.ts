import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardedProcess } from '../../../cli/dev/spawn-guarded.ts';

/** On two cores with all other tests a control plane took 15 s. */
const TIMEOUT_MS = 90_000;
const POLL_MS = 50;

/**
 * Resolves when a server answers a URL with 200.
 *
 * @throws Error with the end of its log where it ends before, or doesn't in time
 */
export async function untilUp(
  server: GuardedProcess,
  url: string,
  { ca, token }: { ca?: Buffer; token?: string } = {},
): Promise<void> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const get = url.startsWith('https:') ? getHttps : getHttp;
  /** Undefined where nothing answers. */
  const status = () =>
    new Promise<number | undefined>((resolve) => {
      get(url, { ca, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', () => {
        resolve(undefined);
      });
    });
  const deadline = Date.now() + TIMEOUT_MS;
  while ((await status()) !== 200) {
    if (server.ended()) throw new Error(`a process of the test's Kubernetes ended: ${server.output()}`);
    if (Date.now() > deadline) throw new Error(`${url} isn't there after ${TIMEOUT_MS} ms: ${server.output()}`);
    await sleep(POLL_MS);
  }
}
