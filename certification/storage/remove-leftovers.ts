import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_PREFIX } from './check-key.ts';
import { isAbsence } from './file-error.ts';

/** Removes temporary files and folders with nothing else in them from a folder, and the folder where that leaves it empty. */
export async function removeLeftovers(folder: string): Promise<void> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return;
    throw error;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(TEMPORARY_PREFIX)) await rm(path, { recursive: true, force: true });
    else if (entry.isDirectory()) await removeLeftovers(path);
  }
  // What has a file in it stays.
  await rmdir(folder).catch(() => undefined);
}
