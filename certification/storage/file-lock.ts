import { randomUUID } from 'node:crypto';
import { link, readFile, rename, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PerimeterError } from '../perimeter-error.ts';
import { fileErrorCode, isAbsence } from './file-error.ts';
import { writeOnce } from './write-once.ts';

/** What is done under a lock takes milliseconds: one that is there for so long is of a process that died. */
const STALE_MS = 10_000;
const WAIT_MS = 50;
/** Longer than a dead process's lock is waited for, with others before this one. */
const GIVE_UP_MS = 60_000;

/**
 * Does something while no other process does, by a lock file: made at once and whole by link(2), on file systems that
 * machines share too. No clocks are compared: a lock is stale when it was seen unchanged for long enough. (Libraries for this
 * install handlers of signals, which end a process where a file reaches its size limit.)
 *
 * @param path of the lock file, whose folder exists.
 * @param body is told a check to do last thing before what can't be undone.
 * @throws PerimeterError `StoreUnavailable` where others hold it for a minute, or took this process for dead.
 */
export async function withFileLock<T>(path: string, body: (checkHeld: () => Promise<void>) => Promise<T>): Promise<T> {
  const token = randomUUID();
  await acquire(path, token);
  const isHeld = async () => (await tokenAt(path)) === token;
  try {
    return await body(async () => {
      if (await isHeld()) return;
      throw new PerimeterError(
        'StoreUnavailable',
        `This process stood still for so long that others took over ${path}.`,
      );
    });
  } finally {
    if (await isHeld()) await unlink(path);
  }
}

async function acquire(path: string, token: string): Promise<void> {
  const started = performance.now();
  let seen: { token: string | undefined; since: number } | undefined;
  while (!(await writeOnce(path, new TextEncoder().encode(token)))) {
    const now = performance.now();
    const other = await tokenAt(path);
    if (seen === undefined || seen.token !== other) seen = { token: other, since: now };
    else if (other !== undefined && now - seen.since > STALE_MS) await removeStale(path, other);
    if (now - started > GIVE_UP_MS) throw new PerimeterError('StoreUnavailable', `Others keep ${path} for too long.`);
    await sleep(WAIT_MS * (0.5 + Math.random()));
  }
}

/** Removes the lock of a dead process; where another was made just now, it is put back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}-${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await tokenAt(aside)) !== stale) await link(aside, path);
  } catch (error) {
    // Somebody else removed it, or made one since.
    if (!isAbsence(error) && fileErrorCode(error) !== 'EEXIST') throw error;
  }
  await unlink(aside).catch(() => undefined);
}

/** Whose lock it is; undefined where none is there. */
async function tokenAt(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
