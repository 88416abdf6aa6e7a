import { PerimeterError } from '../perimeter-error.ts';
import type { Store } from './store.ts';

/** The bytes of an object; undefined where it isn't there. @throws the store's other faults. */
export async function getIfThere(store: Store, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
