import { homedir, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import proto, { type temporal } from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const root = fileURLToPath(new URL('..', import.meta.url));
const AS_JSON = { longs: String, enums: String, bytes: String } as const;
/** What in a history tells of the machine and the build that it was recorded with; a replay needs none of it. */
const OF_THE_MACHINE: Record<string, Json> = {
  identity: 'recorded',
  stackTrace: '',
  binaryChecksum: '',
  buildId: '',
  workerInstanceKey: '',
};

/**
 * A history as JSON that `History.fromObject` reads, an event a line, without what is of this machine.
 *
 * @throws Error where something of this machine is left.
 */
export function scrubHistory(history: temporal.api.history.v1.IHistory): string {
  const { events } = scrub(History.toObject(History.fromObject(history), AS_JSON)) as {
    events: readonly Json[];
  };
  const text = `{"events": [\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
  for (const known of [root, homedir(), hostname(), `${process.pid}@`]) {
    if (known.length > 3 && readable(text).includes(known)) throw new Error(`A history says "${known}".`);
  }
  return text;
}

/** The text with its payloads in clear. */
function readable(text: string): string {
  return text.replace(/"data":"([^"]*)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
}

function scrub(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Readonly<Record<string, Json>>;
  // A worker's own queue is named after its process and machine.
  if (object.kind === 'TASK_QUEUE_KIND_STICKY') return { ...object, name: 'sticky' };
  return Object.fromEntries(
    Object.entries(object).map(([key, part]) => [key, key in OF_THE_MACHINE ? OF_THE_MACHINE[key] : scrub(part)]),
  );
}
