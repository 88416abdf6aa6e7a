import { randomUUID } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TEMPORARY_PREFIX } from './check-key.ts';
import { fileErrorCode, isAbsence } from './file-error.ts';

/** A file under another name until it is whole. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** @returns false where something is there already; the file is gone then. */
  finish(): Promise<boolean>;
  /** Removes what was written; does nothing after `finish`, or a second time. */
  discard(): Promise<void>;
}

/**
 * Begins a file that isn't there yet, in a folder that is made where need be. link(2) makes the whole file appear at
 * once, and fails where one is: a reader never sees half of it, and one of several writers wins, in one process or many.
 */
export async function createOnce(path: string): Promise<NewFile> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${TEMPORARY_PREFIX}${randomUUID()}`);
  const file = await open(temporary, 'wx');
  let over = false;

  const discard = async () => {
    if (over) return;
    over = true;
    await file.close();
    await unlink(temporary).catch((error: unknown) => {
      if (!isAbsence(error)) throw error;
    });
  };

  return {
    discard,
    write: (bytes) => file.appendFile(bytes),
    finish: async () => {
      try {
        await file.sync();
        await link(temporary, path);
      } catch (error) {
        if (fileErrorCode(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await discard();
      }
      await syncFolder(folder);
      return true;
    },
  };
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
