import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nothing listens on now. Another process may take it before it is used.
 *
 * @param port 0 for any, else the one to look at
 * @throws Error with `code` `EADDRINUSE` where something listens on `port`
 */
export function freePort(port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port was assigned'));
        else resolve(address.port);
      });
    });
  });
}
