import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Kubectl } from '../support/kubectl.ts';

/** The part of DNS (RFC 1035) that is needed: a header, one question, answers of type A. */
const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const RESPONSE = 0x8580;
const NO_SUCH_NAME = 3;
const TTL_SECONDS = 1;
/** The question's name, said again by where it stands. */
const POINTER_TO_QUESTION = 0xc000 | HEADER_BYTES;

interface EndpointSlices {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
    readonly endpoints?: readonly {
      readonly addresses: readonly string[];
      readonly conditions?: { ready?: boolean };
    }[];
  }[];
}

/**
 * Answers for the names of services with the addresses of their ready pods, as a cluster's DNS does for services without
 * an address of their own: so nothing has to translate addresses.
 */
export async function serveNames(kubectl: Kubectl, address: string): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address: asker }) => {
    void answer(kubectl, question).then((reply) => {
      socket.send(reply, port, asker);
    });
  });
  socket.bind(53, address);
  await once(socket, 'listening');
}

async function answer(kubectl: Kubectl, question: Buffer): Promise<Buffer> {
  const { labels, type, end } = readQuestion(question);
  const [service, namespace, ...rest] = labels;
  const isOurs = rest.join('.') === 'svc.cluster.local';
  const addresses = isOurs ? await addressesOf(kubectl, service, namespace).catch(() => undefined) : undefined;
  const answers = type === TYPE_A ? (addresses ?? []).map(record) : [];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.readUInt16BE(0), 0);
  header.writeUInt16BE(RESPONSE | (addresses === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question.subarray(HEADER_BYTES, end), ...answers]);
}

function readQuestion(message: Buffer): { labels: string[]; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at]; length > 0; length = message[at]) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { labels, type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** Undefined where there is no such service. */
async function addressesOf(kubectl: Kubectl, service: string, namespace: string): Promise<string[] | undefined> {
  const { items } = await kubectl.get<EndpointSlices>('endpointslices', '--all-namespaces');
  const slices = items.filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels['kubernetes.io/service-name'] === service,
  );
  if (slices.length === 0) return undefined;
  const ready = slices
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false);
  return ready.flatMap(({ addresses }) => addresses);
}

function record(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(POINTER_TO_QUESTION, 0);
  bytes.writeUInt16BE(TYPE_A, 2);
  bytes.writeUInt16BE(CLASS_IN, 4);
  bytes.writeUInt32BE(TTL_SECONDS, 6);
  bytes.writeUInt16BE(4, 10);
  Buffer.from(address.split('.').map(Number)).copy(bytes, 12);
  return bytes;
}
