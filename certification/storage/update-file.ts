import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { TEMPORARY_PREFIX } from './check-key.ts';
import { isAbsence } from './file-error.ts';
import { writeOnce } from './write-once.ts';

/** A lock that wasn't renewed for so long is of a process that died; its holder renews it twice in that time. */
const STALE_MS = 10_000;
/** Longer than a lock takes to become stale, with some writers before this one. */
const WAITS = { forever: false, retries: 400, factor: 1, minTimeout: 50, maxTimeout: 100, randomize: true };

/**
 * Changes a file under a lock beside it, as `Store.update` says; a reader sees it as it was or as it is then, never half.
 */
export async function updateFile(path: string, change: (there: Uint8Array | undefined) => Uint8Array): Promise<void> {
  const folder = dirname(path);
  const besides = (name: string) => join(folder, `${TEMPORARY_PREFIX}${name}`);
  await mkdir(folder, { recursive: true });
  const lockfilePath = besides(`lock-${basename(path)}`);
  let lost: Error | undefined;
  const onCompromised = (error: Error) => {
    lost = error;
  };
  const unlock = await lock(path, { lockfilePath, realpath: false, stale: STALE_MS, retries: WAITS, onCompromised });
  try {
    const temporary = besides(randomUUID());
    await writeOnce(temporary, change(await readIfThere(path)));
    if (lost !== undefined) {
      // This process stood still for so long that others took it for dead.
      await unlink(temporary);
      throw lost;
    }
    await rename(temporary, path);
  } finally {
    if (lost === undefined) await unlock();
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
