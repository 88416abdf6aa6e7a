import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createPayloadCodec } from '../../workers/payload-codec.ts';
import { readPayloadKeys } from '../../workers/payload-keys.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function keyFile(text = randomBytes(32).toString('base64')): string {
  const file = join(temporaryFolder(), 'payloads.key');
  writeFileSync(file, text);
  return file;
}

const keysOf = (...files: readonly string[]) => readPayloadKeys({ PERIMETER_PAYLOAD_KEYS: files.join(',') });

describe('a payload', () => {
  const payload = defaultPayloadConverter.toPayload({ dataset: 's3://secret/images' });

  it('comes back as it was, and is never encrypted to the same bytes twice', async () => {
    const codec = createPayloadCodec(keysOf(keyFile()));
    const [one, two] = await codec.encode([payload, payload]);
    expect(Buffer.from(one.data ?? [])).not.toEqual(Buffer.from(two.data ?? []));
    expect(Buffer.from(one.data ?? []).toString('latin1')).not.toContain('secret');
    const decoded = await codec.decode([one, two]);
    for (const each of decoded)
      expect(defaultPayloadConverter.fromPayload(each)).toEqual({ dataset: 's3://secret/images' });
  });

  it('that was changed is refused', async () => {
    const codec = createPayloadCodec(keysOf(keyFile()));
    const [{ data, metadata }] = await codec.encode([payload]);
    const bytes = Buffer.from(data ?? []);
    for (const at of [0, 20, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      await expect(codec.decode([{ metadata, data: changed }])).rejects.toThrow(/was changed since/);
    }
    await expect(codec.decode([{ metadata, data: bytes.subarray(0, 3) }])).rejects.toThrow(/was changed since/);
  });
});

describe('the file of a key', () => {
  it.each([
    ['too short', randomBytes(16).toString('base64'), 'but holds 16'],
    ['in hexadecimal', randomBytes(32).toString('hex'), 'but holds 48'],
    ['empty', '', 'but holds 0'],
  ])('is refused where it is %s', (_, text, found) => {
    const file = keyFile(text);
    expect(() => keysOf(file)).toThrow(`names ${file}, which must hold 32 bytes in base64`);
    expect(() => keysOf(file)).toThrow(found);
  });

  it('is refused where it is not there, or not named', () => {
    expect(() => keysOf('/nowhere/a.key')).toThrow("names /nowhere/a.key, which can't be read (ENOENT).");
    expect(() => keysOf(keyFile(), '')).toThrow('names an empty path');
    expect(readPayloadKeys({})).toEqual([]);
  });
});
