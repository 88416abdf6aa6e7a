import type { ZodType } from 'zod';
import { PerimeterError } from '../perimeter-error.ts';
import type { Store } from '../storage/store.ts';

/**
 * A record of audits in a store; undefined where it isn't there.
 *
 * @throws PerimeterError `InvalidRequest` where it can't be parsed; the store's own faults.
 */
export async function readRecord<Record>(
  store: Store,
  key: string,
  schema: ZodType<Record>,
): Promise<Record | undefined> {
  try {
    return parseRecord(await store.get(key), { schema, url: store.url(key) });
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

/** The record in an object's bytes. @param options.url what to call it in a message. @throws as `readRecord`. */
export function parseRecord<Record>(
  bytes: Uint8Array,
  { schema, url }: { schema: ZodType<Record>; url: string },
): Record {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new PerimeterError(
      'InvalidRequest',
      `${url} can't be read as a record of audits: mend it, read it by the version that wrote it, or move it away.`,
      { cause },
    );
  }
}
