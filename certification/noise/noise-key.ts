import { createHash } from 'node:crypto';
import type { PhiloxKey } from './philox4x32.ts';

/**
 * Philox's key of a run: the first 64 bits of SHA-256 over the JSON text of `["perimeter-noise", seed, claimDigest]`,
 * which no other pair of strings gives. Runs whose claims differ draw unrelated noise, though their seeds agree.
 *
 * @param seed the run's seed, any string
 * @param claimDigest digest of the rest of the claim, lower-case hexadecimal
 * @throws RangeError when the digest is not lower-case hexadecimal
 */
export function noiseKey({ seed, claimDigest }: { seed: string; claimDigest: string }): PhiloxKey {
  if (!/^[0-9a-f]+$/.test(claimDigest)) {
    throw new RangeError(`The claim's digest must be lower-case hexadecimal, found "${claimDigest}".`);
  }
  const hash = createHash('sha256')
    .update(JSON.stringify(['perimeter-noise', seed, claimDigest]))
    .digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4)];
}
