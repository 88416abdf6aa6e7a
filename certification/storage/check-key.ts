import { PerimeterError } from '../perimeter-error.ts';

/** S3's limit, of the base and the key together. */
const MAX_KEY_BYTES = 1024;
/** What a file store names its half-written files; not a key, and never listed. */
export const TEMPORARY_PREFIX = '.perimeter-tmp-';

/**
 * Refuses a key that is not a relative path with forward slashes that means one place in every store.
 *
 * @param key the key
 * @param base what the store puts before it, for its length
 * @throws PerimeterError `InvalidRequest`
 */
export function checkKey(key: string, base = ''): void {
  const fault = keyFault(key, base);
  if (fault !== undefined) {
    throw new PerimeterError('InvalidRequest', `The object key ${JSON.stringify(key)} ${fault}.`);
  }
}

function keyFault(key: string, base: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.startsWith('/')) return 'is absolute: expected a path under the store';
  const segments = key.split('/');
  if (segments.includes('..') || segments.includes('.')) return "has a '.' or '..' in its path";
  if (segments.includes('')) return 'has an empty part: expected one slash between two names, none at the end';
  if (segments.some((segment) => segment.startsWith(TEMPORARY_PREFIX)))
    return `has a name that begins with ${TEMPORARY_PREFIX}`;
  // XML 1.0, in which S3 lists, has no way to write these.
  if (/[\u0000-\u001f\u007f\ufffe\uffff]/.test(key)) return 'has a control character';
  const bytes = Buffer.from(key, 'utf8');
  if (bytes.toString('utf8') !== key) return 'is not valid Unicode';
  if (Buffer.byteLength(base, 'utf8') + bytes.length > MAX_KEY_BYTES) {
    return `is longer than the ${MAX_KEY_BYTES} bytes that S3 allows for it and its store's prefix`;
  }
  return undefined;
}
