import { recordBytes } from '../records/canonical-json.ts';

/**
 * The value of a record's bytes, or undefined where they aren't JSON as records are written: a space more or a key given twice was put
 * there afterwards, and another reader might take the other.
 */
export function parseRecord(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return Buffer.compare(recordBytes(value), bytes) === 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
