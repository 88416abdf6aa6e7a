import { createHash, createHmac } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Access, S3Credentials } from './s3-server.ts';

export type ProxyRequest = {
  method: string;
  /** With its query, as it was sent. */
  path: string;
  headers: Record<string, string>;
  body: Buffer;
};
export type ProxyResponse = { status: number; headers: Record<string, string | string[]>; body: Buffer };
export type Forward = (request: ProxyRequest) => Promise<ProxyResponse>;

/** What belongs to one connection, and what `forward` sets anew. */
const NOT_FORWARDED = ['connection', 'authorization', 'content-length', 'transfer-encoding', 'expect'];

/**
 * A faulty S3 server: a real one behind a proxy that answers each request as `handle` decides. Requests are signed anew
 * as root, so `handle` may change anything in them.
 *
 * @param options.handle returns the response, or `'drop'` to break the connection without one
 */
export async function startS3Proxy(options: {
  server: S3Access;
  handle: (request: ProxyRequest, forward: Forward) => Promise<ProxyResponse | 'drop'>;
}): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const { server, handle } = options;
  const forward: Forward = (request) => send({ request, endpoint: new URL(server.endpoint), credentials: server.root });
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

async function readRequest(incoming: IncomingMessage): Promise<ProxyRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = String(value);
  }
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body: await readAll(incoming) };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function send(options: {
  request: ProxyRequest;
  endpoint: URL;
  credentials: S3Credentials;
}): Promise<ProxyResponse> {
  const { request, endpoint } = options;
  const kept = Object.entries(request.headers).filter(([name]) => !NOT_FORWARDED.includes(name));
  const headers = sign({
    ...options,
    request: { ...request, headers: { ...Object.fromEntries(kept), host: endpoint.host } },
  });
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(
      { host: endpoint.hostname, port: endpoint.port, method: request.method, path: request.path, headers },
      resolve,
    )
      .once('error', reject)
      .end(request.body);
  });
  const body = await readAll(incoming);
  const response: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !['connection', 'transfer-encoding', 'keep-alive'].includes(name))
      response[name] = value;
  }
  return { status: incoming.statusCode ?? 502, headers: response, body };
}

/** AWS Signature Version 4 for S3 in us-east-1; returns the request's headers with the signature among them. */
function sign({ request, credentials }: { request: ProxyRequest; credentials: S3Credentials }): Record<string, string> {
  const { method, body } = request;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const payload = createHash('sha256').update(body).digest('hex');
  const headers: Record<string, string> = {
    ...request.headers,
    'content-length': String(body.length),
    'x-amz-date': time,
    'x-amz-content-sha256': payload,
  };
  const names = Object.keys(headers).sort();
  const [path = '/', query = ''] = request.path.split('?');
  const canonical = [
    method,
    path,
    query
      .split('&')
      .sort()
      .map((part) => (part === '' || part.includes('=') ? part : `${part}=`))
      .join('&'),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}
