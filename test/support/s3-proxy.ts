import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Access } from './s3-server.ts';
import { readAll, sendSigned, type S3Request, type S3Response } from './send-signed.ts';

export type Forward = (request: S3Request) => Promise<S3Response>;

/**
 * A faulty S3 server: a real one behind a proxy that answers each request as `handle` decides. Requests are signed anew
 * as root, so `handle` may change anything in them.
 *
 * @param options.handle returns the response, or `'drop'` to break the connection without one
 */
export async function startS3Proxy(options: {
  server: S3Access;
  handle: (request: S3Request, forward: Forward) => Promise<S3Response | 'drop'>;
}): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const { server, handle } = options;
  const forward: Forward = (request) =>
    sendSigned({ request, endpoint: new URL(server.endpoint), credentials: server.root });
  const proxy = createServer((incoming, outgoing) => {
    void (async () => {
      const response = await handle(await readRequest(incoming), forward);
      if (response === 'drop') {
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(response.status, response.headers).end(response.body);
    })().catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => {
          resolve();
        });
        proxy.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<S3Request> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = String(value);
  }
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body: await readAll(incoming) };
}
