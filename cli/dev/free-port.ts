import { connect, createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nothing listens on now. A program that asks the system for any port isn't given it in the
 * next minute, one that asks for it is.
 *
 * @param port 0 for any, else the one to look at
 * @throws Error with `code` `EADDRINUSE` where something listens on `port`
 */
export function freePort(port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    // A connection that the listener's side ends leaves the port waiting (TIME_WAIT): taken, but for who names it.
    const server = createServer((socket) => {
      socket.on('error', () => undefined).end();
    });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        server.close();
        reject(new Error('no port was assigned'));
        return;
      }
      const client = connect(address.port, '127.0.0.1');
      client.on('error', () => undefined).resume();
      client.once('close', () => {
        server.close(() => {
          resolve(address.port);
        });
      });
    });
  });
}
