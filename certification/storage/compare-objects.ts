import { createHash } from 'node:crypto';
import { PerimeterError } from '../perimeter-error.ts';

/**
 * What it means that an object is there already: nothing, where it has the bytes that were to be written; else two
 * computations of one thing disagree.
 *
 * @throws PerimeterError `DeterminismViolation` naming the object and both digests
 */
export function compareObjects(options: { url: string; written: Uint8Array; found: Uint8Array }): 'same' {
  const { url, written, found } = options;
  if (Buffer.compare(written, found) === 0) return 'same';
  throw new PerimeterError(
    'DeterminismViolation',
    `${url} is there already with other bytes: SHA-256 ${sha256(found)} is there, ${sha256(written)} was to be written.`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
