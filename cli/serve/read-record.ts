import type { z } from 'zod';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import type { Store } from '../../certification/storage/store.ts';

/**
 * Reads a record of the store.
 *
 * @param what what it is, for the sentence.
 * @throws PerimeterError `NotFound`; `InvalidRequest` where it isn't such a record; the store's own faults.
 */
export async function readRecord<Schema extends z.ZodType>(
  store: Store,
  { key, schema, what }: { key: string; schema: Schema; what: string },
): Promise<z.output<Schema>> {
  const bytes = await store.get(key);
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new PerimeterError('InvalidRequest', `${store.url(key)} is no ${what} that this version reads.`, { cause });
  }
}

/** What a promise gives, or undefined where an object that it needs isn't there. */
export async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
