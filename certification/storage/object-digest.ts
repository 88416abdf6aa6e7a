import { createHash } from 'node:crypto';
import type { ObjectDigest } from './store.ts';

/** Size and SHA-256 of bytes that come in pieces. */
export function digesting(): { add: (bytes: Uint8Array) => void; digest: () => ObjectDigest } {
  const hash = createHash('sha256');
  let size = 0;
  return {
    add: (bytes) => {
      hash.update(bytes);
      size += bytes.length;
    },
    digest: () => ({ size, sha256: hash.digest('hex') }),
  };
}

export function objectDigest(bytes: Uint8Array): ObjectDigest {
  const { add, digest } = digesting();
  add(bytes);
  return digest();
}
