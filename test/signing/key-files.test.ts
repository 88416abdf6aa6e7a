import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { readKey } from '../../certification/signing/read-key.ts';
import { signManifest } from '../../certification/signing/sign-manifest.ts';
import { writeKeyPair } from '../../certification/signing/write-key-pair.ts';
import { checkSignature } from '../../certification/signing/check-signature.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a key pair on disk', () => {
  it('can be read by its owner alone, whatever the umask, and signs what its public half checks', async () => {
    const file = join(temporaryFolder(), 'perimeter.key');
    const before = process.umask(0);
    try {
      const made = await writeKeyPair(file);
      expect(made).toMatchObject({ privateKeyFile: file, publicKeyFile: `${file}.pub` });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(`${file}.pub`).mode & 0o777).toBe(0o644);
      const manifest = Buffer.from('{}\n');
      const signature = signManifest(manifest, await readKey(file, 'private'));
      const publicKey = await readKey(`${file}.pub`, 'public');
      expect(checkSignature({ manifest, signature, publicKey })).toEqual({
        status: 'valid',
        fingerprint: made.fingerprint,
      });
    } finally {
      process.umask(before);
    }
  });

  it.each(['perimeter.key', 'perimeter.key.pub'])('never takes the place of a file %s', async (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), 'mine');
    const key = join(folder, 'perimeter.key');
    await expect(writeKeyPair(key)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: `${join(folder, name)} is there already, and a key is never overwritten: name another file.`,
    });
    expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
    expect([key, `${key}.pub`].filter((path) => existsSync(path))).toEqual([join(folder, name)]);
  });

  it('is not written through a link', async () => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'k'));
    await expect(writeKeyPair(join(folder, 'k'))).rejects.toMatchObject({ code: 'InvalidRequest' });
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    expect(existsSync(join(folder, 'k.pub'))).toBe(false);
  });

  it('needs its folder', async () => {
    const file = join(temporaryFolder(), 'none', 'k');
    await expect(writeKeyPair(file)).rejects.toThrow(/none\/k\.pub can't be written: its folder isn't there/);
  });
});

const pair = newKeyPair();
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const encrypted = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('a key is refused, in one sentence that holds nothing of it,', () => {
  it.each([
    [
      'where its file holds the public half',
      'private',
      pair.publicKey,
      /holds a public key: signing needs the private/,
    ],
    [
      'where its file holds the private half',
      'public',
      pair.privateKey,
      /holds a private key: expected the public one/,
    ],
    ['where it is RSA', 'private', rsa.privateKey, /a private key of type rsa: expected Ed25519/],
    ['where it is RSA', 'public', rsa.publicKey, /a public key of type rsa: expected Ed25519/],
    ['where it is encrypted', 'private', encrypted.privateKey, /is encrypted with a passphrase/],
    ['where it is no PEM', 'private', 'not a key at all', /is not a PEM file: expected an Ed25519 private key in PEM/],
    ['where it is empty', 'public', '', /is not a PEM file: expected an Ed25519 public key in PEM/],
    ['where it is cut short', 'private', pair.privateKey.slice(0, 60), /holds a damaged private key/],
    [
      'where it is a certificate',
      'public',
      pair.publicKey.replaceAll('PUBLIC KEY', 'CERTIFICATE'),
      /is a PEM file of "CERTIFICATE": expected an Ed25519 public key/,
    ],
    [
      "where it is OpenSSH's",
      'private',
      pair.privateKey.replaceAll('PRIVATE KEY', 'OPENSSH PRIVATE KEY'),
      /is a PEM file of "OPENSSH PRIVATE KEY": expected an Ed25519 private key in PEM/,
    ],
  ] as const)('%s (%s)', async (_, kind, text, sentence) => {
    const file = join(temporaryFolder(), 'k');
    writeFileSync(file, text);
    const refusal = await readKey(file, kind).catch((error: unknown) => error as Error);
    expect(refusal).toMatchObject({ code: 'InvalidRequest', message: expect.stringMatching(sentence) as string });
    const { message } = refusal as Error;
    expect(message).not.toContain('\n');
    for (const line of text.split('\n').filter((each) => /^[A-Za-z0-9+/=]{20,}$/.test(each))) {
      expect(message).not.toContain(line);
    }
  });

  it('where it is not there, or is a folder', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'f'));
    const reading = [readKey(join(folder, 'none'), 'private'), readKey(join(folder, 'f'), 'public')];
    await expect(reading[0]).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/private key .*none can't be read: there is no such file/) as string,
    });
    await expect(reading[1]).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/public key .*f can't be read: it is a folder/) as string,
    });
  });
});
