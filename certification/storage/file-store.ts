import type { Dirent } from 'node:fs';
import { readdir, readFile, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PerimeterError } from '../perimeter-error.ts';
import { checkKey, TEMPORARY_PREFIX } from './check-key.ts';
import { compareObjects } from './compare-objects.ts';
import { fileError, fileErrorCode } from './file-error.ts';
import type { Store } from './store.ts';
import { writeOnce } from './write-once.ts';

/** What a path answers with where no object is: nothing there, or a file where a folder would have to be. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

/**
 * A store in a folder of this machine, or of a file system that its machines share and that has hard links.
 *
 * @param base the folder's absolute path; made when first written to
 */
export function fileStore(base: string): Store {
  const pathOf = (key: string) => {
    checkKey(key);
    return join(base, key);
  };
  const url = (key: string) => pathToFileURL(pathOf(key)).href;

  const get = async (key: string) => {
    const path = pathOf(key);
    try {
      return new Uint8Array(await readFile(path));
    } catch (error) {
      if (isAbsence(error) || fileErrorCode(error) === 'EISDIR') {
        throw new PerimeterError('NotFound', `There is no object ${url(key)}.`, { cause: error });
      }
      throw fileError(error, `reading ${path}`);
    }
  };

  const head = async (key: string) => {
    const path = pathOf(key);
    try {
      const found = await stat(path);
      return found.isFile() ? { size: found.size } : undefined;
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw fileError(error, `looking at ${path}`);
    }
  };

  return {
    get,
    head,
    url,
    has: async (key) => (await head(key)) !== undefined,

    list: async (prefix) => {
      const keys: string[] = [];
      // Only the folder that the prefix reaches into can hold such keys.
      await walk({ base, folder: prefix.slice(0, prefix.lastIndexOf('/') + 1), keys });
      return keys
        .filter((key) => key.startsWith(prefix))
        .map((key) => Buffer.from(key))
        .sort((a, b) => Buffer.compare(a, b))
        .map((key) => key.toString());
    },

    putIfAbsent: async (key, bytes) => {
      const path = pathOf(key);
      try {
        if (await writeOnce(path, bytes)) return 'created';
      } catch (error) {
        throw fileError(error, `writing ${path}`);
      }
      const found = await head(key);
      if (found === undefined) {
        throw new PerimeterError('StoreRefused', `The store refused writing ${path}: a folder is there.`);
      }
      return compareObjects({ url: url(key), written: bytes, found: await get(key) });
    },

    remove: async (key) => {
      const path = pathOf(key);
      try {
        await unlink(path);
        // A folder of its own goes with it; one that others use stays.
        await rmdir(dirname(path)).catch(() => undefined);
      } catch (error) {
        if (!isAbsence(error)) throw fileError(error, `removing ${path}`);
      }
    },
  };
}

function isAbsence(error: unknown): boolean {
  return ABSENT.includes(fileErrorCode(error) ?? '');
}

async function walk(options: { base: string; folder: string; keys: string[] }): Promise<void> {
  const { base, folder, keys } = options;
  if (folder !== '') checkKey(folder.replace(/\/$/, ''));
  let entries: Dirent[];
  try {
    entries = await readdir(join(base, folder), { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return;
    throw fileError(error, `listing ${join(base, folder)}`);
  }
  for (const entry of entries) {
    if (entry.name.startsWith(TEMPORARY_PREFIX)) continue;
    if (entry.isDirectory()) await walk({ base, folder: `${folder}${entry.name}/`, keys });
    else if (entry.isFile()) keys.push(folder + entry.name);
  }
}
