import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { PerimeterError } from '../perimeter-error.ts';

export type KeyKind = 'private' | 'public';

const LABELS: Record<KeyKind, string> = { private: 'PRIVATE KEY', public: 'PUBLIC KEY' };
const FORMATS: Record<KeyKind, string> = {
  private: 'an Ed25519 private key in PEM (PKCS #8)',
  public: 'an Ed25519 public key in PEM (SPKI)',
};

/**
 * Reads an Ed25519 key.
 *
 * @param options.pem the key's text
 * @param options.kind which half of the pair is needed; the other is refused, so that neither a private key goes where
 *   a public one will do, nor a public key is derived where one was to be checked
 * @param options.name what to call it in an error, e.g. its file; nothing of the key's text is in an error
 * @throws PerimeterError `InvalidRequest` where it is not PEM, not Ed25519, encrypted, damaged, or the other half.
 */
export function parseKey({ pem, kind, name }: { pem: string; kind: KeyKind; name: string }): KeyObject {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (label !== LABELS[kind]) throw new PerimeterError('InvalidRequest', labelFault({ label, kind, name }));
  let key: KeyObject;
  try {
    key = kind === 'private' ? createPrivateKey(pem) : createPublicKey(pem);
  } catch (error) {
    throw new PerimeterError('InvalidRequest', `${name} holds a damaged ${kind} key: expected ${FORMATS[kind]}.`, {
      cause: error,
    });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new PerimeterError(
    'InvalidRequest',
    `${name} holds a ${kind} key of type ${key.asymmetricKeyType ?? 'unknown'}: expected Ed25519, as "perimeter keys new" makes.`,
  );
}

function labelFault({ label, kind, name }: { label: string | undefined; kind: KeyKind; name: string }): string {
  if (label === undefined) return `${name} is not a PEM file: expected ${FORMATS[kind]}.`;
  if (kind === 'private' && label.endsWith('PUBLIC KEY')) {
    return `${name} holds a public key: signing needs the private one, beside which it was made without ".pub".`;
  }
  if (kind === 'public' && label.endsWith('PRIVATE KEY')) {
    return `${name} holds a private key: expected the public one, made beside it with ".pub"; a private key is for its owner alone.`;
  }
  if (label === 'ENCRYPTED PRIVATE KEY') {
    return `${name} is encrypted with a passphrase: expected a key without one, as "openssl pkey -in" writes it.`;
  }
  return `${name} is a PEM file of "${label}": expected ${FORMATS[kind]}, "${LABELS[kind]}".`;
}
