import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The one spelling of a JSON value (RFC 8785: keys sorted, shortest numbers, no spaces), so that equal values have
 * equal digests.
 */
export function canonicalJson(value: unknown): string {
  const text = (canonicalize as unknown as (input: unknown) => string | undefined)(value);
  if (text === undefined) throw new TypeError('Only JSON values have a canonical spelling.');
  return text;
}

/** SHA-256 of bytes or of a text's UTF-8, as 64 hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a JSON value's canonical spelling. */
export function jsonDigest(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/** A record as it lies in the store: indented, for people to read, with a final newline. Key order is the object's own. */
export function recordBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
