import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findVersitygw } from '../support/versitygw.ts';

it('says what to install where the S3 server of the tests can be neither found nor built', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perimeter-versitygw-'));
  try {
    const env = { PATH: join(folder, 'empty'), PERIMETER_CACHE: folder };
    await expect(findVersitygw(env)).rejects.toMatchObject({
      code: 'MissingPart',
      message: expect.stringMatching(
        /there is no go on PATH.*install Go 1\.25 or newer, or python3 with pip; or set PERIMETER_TEST_S3/,
      ) as string,
    });
    expect(readdirSync(folder)).toEqual(['versitygw-1.8.0']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
