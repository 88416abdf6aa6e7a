import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recordBytes } from '../../certification/records/canonical-json.ts';
import type { Signature } from '../../certification/records/signature.ts';
import { checkSignature } from '../../certification/signing/check-signature.ts';
import { checkSignatureBytes } from '../../certification/signing/check-signature-bytes.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { signManifest } from '../../certification/signing/sign-manifest.ts';

const manifest = recordBytes({ version: 1, run: 'nightly-7', objects: [{ key: 'plan.json', sha256: 'ab' }] });
const { privateKey, publicKey, fingerprint } = newKeyPair();
const signature = signManifest(manifest, privateKey);

/** Each copy of some bytes with one of them changed. */
function* changedBytes(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [0x01, 0x80]) {
      const copy = Uint8Array.from(bytes);
      copy[at] ^= mask;
      yield copy;
    }
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const changes = {
  manifest: [...changedBytes(manifest)].map((bytes) => ({ manifest: bytes, signature })),
  signature: [...changedBytes(Buffer.from(signature.signature, 'base64'))].map((bytes) => ({
    manifest,
    signature: { ...signature, signature: base64(bytes) },
  })),
  'public key': [...changedBytes(Buffer.from(signature.publicKey, 'base64'))].map((bytes) => ({
    manifest,
    signature: { ...signature, publicKey: base64(bytes) },
  })),
};

describe('a signature', () => {
  // RFC 8032, §7.1, TEST 2 and TEST 3.
  it.each([
    {
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      expected:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      expected:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ])("is RFC 8032's for message $message", ({ seed, key, message, expected }) => {
    const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
    const pem = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
    const made = signManifest(Buffer.from(message, 'hex'), pem.toString());
    expect(Buffer.from(made.signature, 'base64').toString('hex')).toBe(expected);
    expect(Buffer.from(made.publicKey, 'base64').toString('hex')).toBe(`302a300506032b6570032100${key}`);
  });

  it('is the same each time the same key signs the same manifest, and holds nothing of the private key', () => {
    expect(signManifest(manifest, privateKey)).toEqual(signature);
    const seed = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' }).subarray(-32);
    const secret = [seed.toString('base64').slice(0, -2), seed.toString('hex'), privateKey.split('\n')[1]];
    for (const text of secret) expect(JSON.stringify(signature)).not.toContain(text);
  });

  it('is valid over the manifest that was signed, with and without the trusted key', () => {
    expect(checkSignature({ manifest, signature })).toEqual({ status: 'valid', fingerprint });
    expect(checkSignature({ manifest, signature, publicKey })).toEqual({ status: 'valid', fingerprint });
    expect(checkSignatureBytes({ manifest, bytes: recordBytes(signature), publicKey })).toEqual({
      status: 'valid',
      fingerprint,
    });
  });

  it.each(Object.entries(changes))('is invalid with any one byte of the %s changed', (_, cases) => {
    expect(cases.length).toBeGreaterThan(80);
    for (const changed of cases) {
      expect(checkSignature(changed)).toMatchObject({ status: 'invalid', reason: expect.any(String) as string });
    }
  });

  it('is invalid with any one byte of signature.json changed, added or left out', () => {
    const bytes = recordBytes(signature);
    const tampered = [
      ...changedBytes(bytes),
      Buffer.concat([bytes, Buffer.from('\n')]),
      Buffer.concat([Buffer.from('\ufeff'), bytes]),
      bytes.subarray(0, -1),
      new Uint8Array(),
    ];
    for (const changed of tampered) {
      expect(checkSignatureBytes({ manifest, bytes: changed })).toMatchObject({ status: 'invalid' });
    }
  });

  it('is invalid where another key than the trusted one made it, naming both', () => {
    const other = newKeyPair();
    expect(checkSignature({ manifest, signature, publicKey: other.publicKey })).toEqual({
      status: 'invalid',
      reason: `It is by the key ${fingerprint}, not by the one given, ${other.fingerprint}.`,
      fingerprint,
    });
  });

  it('cannot be passed off as made by another key', () => {
    const passedOff = { ...signature, publicKey: signManifest(manifest, newKeyPair().privateKey).publicKey };
    expect(checkSignature({ manifest, signature: passedOff })).toMatchObject({ status: 'invalid' });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['another algorithm', { algorithm: 'ed448' }, /"algorithm"/],
    ['another version', { version: 2 }, /"version"/],
    ['a key it does not know', { signedAt: 'today' }, /signedAt/],
    ['an RSA key', { publicKey: spki('rsa') }, /not an Ed25519 key/],
    ['an Ed448 key', { publicKey: spki('ed448') }, /not an Ed25519 key/],
    [
      'bytes after its key',
      { publicKey: base64(Buffer.concat([Buffer.from(signature.publicKey, 'base64'), Buffer.alloc(3)])) },
      /not an Ed25519 key/,
    ],
    ['its key as PEM', { publicKey }, /"publicKey": expected base64/],
    ['another spelling of the same base64', { signature: respelled(signature.signature) }, /"signature": expected/],
    ['no signature', { signature: '' }, /doesn't fit/],
  ])('is invalid with %s', (_, change, reason) => {
    const changed = { ...signature, ...change } as Signature;
    const check = checkSignature({ manifest, signature: changed });
    expect(check).toMatchObject({ status: 'invalid', reason: expect.stringMatching(reason) as string });
  });

  it('is not checked against what is no public key', () => {
    expect(() => checkSignature({ manifest, signature, publicKey: privateKey })).toThrow(/holds a private key/);
  });
});

describe('the fingerprint', () => {
  it("is SHA-256 of the key's DER", () => {
    // Of the key of RFC 8410, §10.1; by `openssl pkey -pubin -outform DER | sha256sum`.
    const pem =
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';
    const check = checkSignature({
      manifest,
      signature: {
        ...signature,
        publicKey: createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64'),
      },
    });
    expect(check.fingerprint).toBe('a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f');
  });
});

function spki(type: 'rsa' | 'ed448'): string {
  const pair = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed448');
  return base64(pair.publicKey.export({ type: 'spki', format: 'der' }));
}

/** The last character before the padding has bits that no byte holds. */
function respelled(text: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const at = text.indexOf('=') - 1;
  const other = text.slice(0, at) + digits[digits.indexOf(text[at]) ^ 1] + text.slice(at + 1);
  expect(Buffer.from(other, 'base64')).toEqual(Buffer.from(text, 'base64'));
  return other;
}
