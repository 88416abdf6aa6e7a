import { randomUUID } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TEMPORARY_PREFIX } from './check-key.ts';
import { fileErrorCode } from './file-error.ts';

/**
 * Writes a file that isn't there yet. link(2) makes the whole file appear at once, and fails where one is: a reader
 * never sees half of it, and one of several writers wins, in one process or many.
 *
 * @returns false where something is there already
 */
export async function writeOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${TEMPORARY_PREFIX}${randomUUID()}`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } catch (error) {
    if (fileErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary).catch((error: unknown) => {
      if (fileErrorCode(error) !== 'ENOENT') throw error;
    });
  }
  await syncFolder(folder);
  return true;
}

/** Makes the file's name survive a loss of power, not its bytes alone. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
