import { recordBytes } from '../records/canonical-json.ts';
import type { Signature } from '../records/signature.ts';
import { checkSignature, type SignatureCheck } from './check-signature.ts';

/**
 * `checkSignature` on `signature.json` as it lies in the store. Its bytes must be those that signing writes: one that
 * says the same in another way (a space more) was changed after it was written.
 *
 * @param options.bytes the bytes of `signature.json`
 * @throws PerimeterError `InvalidRequest` where `publicKey` isn't an Ed25519 public key in PEM.
 */
export function checkSignatureBytes(options: {
  manifest: Uint8Array;
  bytes: Uint8Array;
  publicKey?: string;
}): SignatureCheck {
  const { bytes, ...rest } = options;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return { status: 'invalid', reason: 'It is not JSON.', fingerprint: undefined };
  }
  const check = checkSignature({ ...rest, signature: value as Signature });
  if (check.status === 'invalid' || Buffer.compare(recordBytes(value), bytes) === 0) return check;
  return { ...check, status: 'invalid', reason: 'It is not spelled as signing writes it: it was changed afterwards.' };
}
