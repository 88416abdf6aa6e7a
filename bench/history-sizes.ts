import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { fetchHistories } from './fetch-histories.ts';

const { History } = proto.temporal.api.history.v1;

/** What the workflows of a namespace have written. */
export interface HistorySizes {
  readonly executions: number;
  readonly events: number;
  /** Of the longest history, and of the largest. */
  readonly mostEvents: number;
  readonly mostBytes: number;
  /** Bytes of the largest argument, result, signal, failure's detail or memo. */
  readonly mostPayload: number;
}

/**
 * Measures every history of the namespace, those that were continued as new too.
 *
 * @param query a list filter, where not all are meant.
 */
export async function historySizes(client: Client, query?: string): Promise<HistorySizes> {
  const sizes = { executions: 0, events: 0, mostEvents: 0, mostBytes: 0, mostPayload: 0 };
  for await (const { history } of fetchHistories(client, query)) {
    const events = history.events?.length ?? 0;
    sizes.executions++;
    sizes.events += events;
    sizes.mostEvents = Math.max(sizes.mostEvents, events);
    sizes.mostBytes = Math.max(sizes.mostBytes, History.encode(history).finish().length);
    sizes.mostPayload = Math.max(sizes.mostPayload, largestPayload(history.events));
  }
  return sizes;
}

/** Bytes of the largest payload anywhere in a message. */
function largestPayload(value: unknown): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0;
  const { data } = value as { data?: unknown };
  const own = data instanceof Uint8Array ? data.length : 0;
  return Object.values(value).reduce<number>((most, part) => Math.max(most, largestPayload(part)), own);
}
