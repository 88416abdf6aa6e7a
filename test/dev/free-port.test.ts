import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../cli/dev/free-port.ts';

/** Has a server listen, and gives its port when it does no more. */
function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: given } = server.address() as AddressInfo;
      server.close(() => {
        resolve(given);
      });
    });
  });
}

describe('a free port', () => {
  it('is given to who names it, and to nobody who asks for any', async () => {
    const free = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    const others = [];
    // With 200 of some 28,000 ports one in three hundred would be one of them.
    for (let at = 0; at < 5_000; at++) others.push(await listenOnce(0));
    expect(others.filter((port) => free.includes(port))).toEqual([]);
    for (const port of free) expect(await listenOnce(port)).toBe(port);
  });
});
