import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TEMPORARY_PREFIX } from './check-key.ts';
import { isAbsence } from './file-error.ts';
import { withFileLock } from './file-lock.ts';
import { writeOnce } from './write-once.ts';

/**
 * Changes a file under a lock beside it, as `Store.update` says; a reader sees it as it was or as it is then, never half.
 */
export async function updateFile(path: string, change: (there: Uint8Array | undefined) => Uint8Array): Promise<void> {
  const folder = dirname(path);
  const besides = (name: string) => join(folder, `${TEMPORARY_PREFIX}${name}`);
  await mkdir(folder, { recursive: true });
  await withFileLock(besides(`lock-${basename(path)}`), async (checkHeld) => {
    const temporary = besides(randomUUID());
    await writeOnce(temporary, change(await readIfThere(path)));
    try {
      await checkHeld();
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary);
      throw error;
    }
  });
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
