import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { keyFingerprint } from './key-fingerprint.ts';

export interface KeyPair {
  /** PKCS #8 in PEM (RFC 8410), not encrypted. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** Draws an Ed25519 key pair (RFC 8032) from the operating system's randomness. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey, publicKey, fingerprint: keyFingerprint(createPublicKey(publicKey)) };
}
