import { PerimeterError } from '../perimeter-error.ts';
import type { ObjectDigest } from './store.ts';

/**
 * What it means that an object is there already: nothing, where it has the bytes that were to be written; else two
 * computations of one thing disagree. Digests are compared, so that neither object has to be held.
 *
 * @throws PerimeterError `DeterminismViolation` naming the object and both digests
 */
export function compareObjects(options: { url: string; written: ObjectDigest; found: ObjectDigest }): 'same' {
  const { url, written, found } = options;
  if (written.size === found.size && written.sha256 === found.sha256) return 'same';
  throw new PerimeterError(
    'DeterminismViolation',
    `${url} is there already with other bytes: SHA-256 ${found.sha256} is there, ${written.sha256} was to be written.`,
  );
}
