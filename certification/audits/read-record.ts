import type { ZodType } from 'zod';
import { PerimeterError } from '../perimeter-error.ts';
import { getIfThere } from '../storage/get-if-there.ts';
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
  const bytes = await getIfThere(store, key);
  return bytes && parseRecord(bytes, { schema, url: store.url(key) });
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
