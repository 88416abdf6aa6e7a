import { createPublicKey, sign } from 'node:crypto';
import type { Signature } from '../records/signature.ts';
import { parseKey } from './parse-key.ts';

/**
 * Signs a run's manifest with Ed25519 (RFC 8032, §5.1.6): the same key and bytes always give the same signature.
 *
 * @param manifest the exact bytes of `manifest.json`
 * @param privateKey an Ed25519 private key, PKCS #8 in PEM
 * @throws PerimeterError `InvalidRequest` where `privateKey` isn't one.
 */
export function signManifest(manifest: Uint8Array, privateKey: string): Signature {
  const key = parseKey({ pem: privateKey, kind: 'private', name: 'The private key' });
  return {
    version: 1,
    algorithm: 'ed25519',
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
    signature: sign(null, manifest, key).toString('base64'),
  };
}
