import type { KeyObject } from 'node:crypto';
import { sha256Hex } from '../records/canonical-json.ts';

/**
 * A public key's short name: SHA-256 of its SubjectPublicKeyInfo in DER, as 64 hexadecimal digits; the same as
 * `openssl pkey -pubin -in key.pub -outform DER | sha256sum` gives.
 */
export function keyFingerprint(publicKey: KeyObject): string {
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' }));
}
