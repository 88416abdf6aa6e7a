import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { signatureSchema, type Signature } from '../records/signature.ts';
import { keyFingerprint } from './key-fingerprint.ts';
import { parseKey } from './parse-key.ts';

export type SignatureCheck =
  | { readonly status: 'valid'; readonly fingerprint: string }
  | {
      readonly status: 'invalid';
      /** One sentence. */
      readonly reason: string;
      /** Of the key that the signature names; undefined where that is none. */
      readonly fingerprint: string | undefined;
    };

/**
 * Checks that a signature was made over a manifest with the key that it names, and that this is the trusted key, where
 * one is given. Without a trusted key `valid` says only that whoever holds that key signed these bytes.
 *
 * @param options.manifest the exact bytes of `manifest.json`
 * @param options.publicKey the trusted Ed25519 public key, SPKI in PEM
 * @throws PerimeterError `InvalidRequest` where `publicKey` isn't one.
 */
export function checkSignature(options: {
  manifest: Uint8Array;
  signature: Signature;
  publicKey?: string;
}): SignatureCheck {
  const { manifest, publicKey } = options;
  const trusted =
    publicKey === undefined ? undefined : parseKey({ pem: publicKey, kind: 'public', name: 'The public key' });
  const parsed = signatureSchema.safeParse(options.signature);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    const where = path.length === 0 ? '' : `"${path.join('.')}": `;
    return { status: 'invalid', reason: `It is not a signature's record: ${where}${message}.`, fingerprint: undefined };
  }
  const signature = parsed.data;
  const key = decodeKey(Buffer.from(signature.publicKey, 'base64'));
  if (key === undefined) {
    return { status: 'invalid', reason: 'Its public key is not an Ed25519 key.', fingerprint: undefined };
  }
  const fingerprint = keyFingerprint(key);
  if (trusted !== undefined && !key.equals(trusted)) {
    const reason = `It is by the key ${fingerprint}, not by the one given, ${keyFingerprint(trusted)}.`;
    return { status: 'invalid', reason, fingerprint };
  }
  if (!verify(null, manifest, key, Buffer.from(signature.signature, 'base64'))) {
    return { status: 'invalid', reason: `It doesn't fit the manifest and the key ${fingerprint}.`, fingerprint };
  }
  return { status: 'valid', fingerprint };
}

/** The Ed25519 key whose DER this is, to the byte: OpenSSL itself passes over bytes after its end. */
function decodeKey(der: Buffer): KeyObject | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  return key.export({ type: 'spki', format: 'der' }).equals(der) ? key : undefined;
}
