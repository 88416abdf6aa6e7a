import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { S3Credentials } from './s3-server.ts';

export type S3Request = {
  method: string;
  /** With its query, as it was sent. */
  path: string;
  headers: Record<string, string>;
  body: Buffer;
};
export type S3Response = { status: number; headers: Record<string, string | string[]>; body: Buffer };

/** What belongs to one connection, or is set anew. */
const NOT_FORWARDED = ['connection', 'authorization', 'content-length', 'transfer-encoding', 'expect'];

/** Sends a request to an S3 server, signed anew. */
export async function sendSigned(options: {
  request: S3Request;
  endpoint: URL;
  credentials: S3Credentials;
}): Promise<S3Response> {
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
function sign({ request, credentials }: { request: S3Request; credentials: S3Credentials }): Record<string, string> {
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

/** A whole body. */
export async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
