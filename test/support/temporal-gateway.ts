import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  connect,
  createSecureServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const file = (name: string) => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));

/** Of the tests alone, good for a hundred years: they guard nothing. The server's is for localhost and temporal.test. */
export const tlsFiles = {
  ca: file('ca.pem'),
  clientCert: file('client.pem'),
  clientKey: file('client.key'),
};

export interface TemporalGateway {
  readonly address: string;
  /** The headers of every call that came through. */
  readonly seen: readonly IncomingHttpHeaders[];
  stop(): Promise<void>;
}

/**
 * As Temporal Cloud stands before its servers: a real server behind a gateway that speaks TLS alone, to clients with a
 * certificate of its CA alone.
 */
export async function startTemporalGateway(server: string): Promise<TemporalGateway> {
  const seen: IncomingHttpHeaders[] = [];
  const upstream = connect(`http://${server}`);
  const gateway = createSecureServer({
    key: readFileSync(file('server.key')),
    cert: readFileSync(file('server.pem')),
    ca: readFileSync(tlsFiles.ca),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const sessions = new Set<{ destroy(): void }>();
  gateway.on('session', (session) => sessions.add(session));
  gateway.on('stream', (stream, headers) => {
    seen.push(headers);
    forward({ stream, headers, upstream });
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  return {
    address: `127.0.0.1:${(gateway.address() as AddressInfo).port}`,
    seen,
    stop: async () => {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      gateway.close();
      await once(gateway, 'close');
    },
  };
}

/** A gRPC call: its headers, its messages, and the trailers that tell how it ended. */
function forward({
  stream,
  headers,
  upstream,
}: {
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
  upstream: ClientHttp2Session;
}) {
  const call = upstream.request(withoutPseudo(headers, [':method', ':path']));
  let trailers: OutgoingHttpHeaders = {};
  call.on('response', (response, flags) => {
    // A call that fails at once has no messages and no trailers: its headers tell.
    const whole = (flags & 1) === 1;
    stream.respond(withoutPseudo(response, [':status']), { waitForTrailers: !whole, endStream: whole });
  });
  call.on('trailers', (found: IncomingHttpHeaders) => {
    trailers = withoutPseudo(found, []);
  });
  stream.on('wantTrailers', () => {
    stream.sendTrailers(trailers);
  });
  stream.on('aborted', () => {
    call.close();
  });
  for (const end of [call, stream]) end.on('error', () => undefined);
  stream.pipe(call);
  call.pipe(stream);
}

function withoutPseudo(headers: IncomingHttpHeaders, kept: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') || kept.includes(name)));
}
