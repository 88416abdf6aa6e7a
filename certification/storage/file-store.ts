import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PerimeterError } from '../perimeter-error.ts';
import { checkKey, TEMPORARY_PREFIX } from './check-key.ts';
import { compareObjects } from './compare-objects.ts';
import { createOnce } from './create-once.ts';
import { fileError, fileErrorCode, isAbsence } from './file-error.ts';
import { digesting } from './object-digest.ts';
import type { ObjectDigest, ObjectWriter, Store, StoredObject } from './store.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { updateFile } from './update-file.ts';

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

  const reading = async <T>(key: string, read: (path: string) => Promise<T>): Promise<T> => {
    const path = pathOf(key);
    try {
      return await read(path);
    } catch (error) {
      if (isAbsence(error) || fileErrorCode(error) === 'EISDIR') {
        throw new PerimeterError('NotFound', `There is no object ${url(key)}.`, { cause: error });
      }
      throw fileError(error, `reading ${path}`);
    }
  };

  const get = (key: string) => reading(key, async (path) => new Uint8Array(await readFile(path)));
  const digestOf = (key: string) => reading(key, digestFile);

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

  const list = async (prefix: string) => {
    const keys: string[] = [];
    // Only the folder that the prefix reaches into can hold such keys.
    await walk({ base, folder: prefix.slice(0, prefix.lastIndexOf('/') + 1), keys });
    return inByteOrder(keys.filter((key) => key.startsWith(prefix)));
  };

  const writeIfAbsent = async (key: string): Promise<ObjectWriter> => {
    const path = pathOf(key);
    const { add, digest } = digesting();
    const orFail = async <T>(doing: () => Promise<T>) => {
      try {
        return await doing();
      } catch (error) {
        throw fileError(error, `writing ${path}`);
      }
    };
    const file = await orFail(() => createOnce(path));
    // What could not be written is reported by what failed; a temporary file that stays is never listed.
    const abort = () => file.discard().catch(() => undefined);
    return {
      abort,
      write: async (bytes) => {
        add(bytes);
        try {
          await orFail(() => file.write(bytes));
        } catch (error) {
          await abort();
          throw error;
        }
      },
      finish: async () => {
        const written = digest();
        if (await orFail(() => file.finish())) return { outcome: 'created', ...written };
        if ((await head(key)) === undefined) {
          throw new PerimeterError('StoreRefused', `The store refused writing ${path}: a folder is there.`);
        }
        return { outcome: compareObjects({ url: url(key), written, found: await digestOf(key) }), ...written };
      },
    };
  };

  return {
    get,
    digest: digestOf,
    head,
    url,
    has: async (key) => (await head(key)) !== undefined,

    list,

    entries: async (prefix) => {
      const objects: StoredObject[] = [];
      for (const key of await list(prefix)) {
        const path = pathOf(key);
        try {
          const { size, mtime } = await stat(path);
          objects.push({ key, size, writtenAt: mtime });
        } catch (error) {
          // Removed since it was listed.
          if (!isAbsence(error)) throw fileError(error, `looking at ${path}`);
        }
      }
      return objects;
    },

    folders: async (prefix) => {
      if (prefix !== '') checkKey(prefix.replace(/\/$/, ''));
      const names = (await entriesOf(join(base, prefix))).filter((entry) => entry.isDirectory());
      return inByteOrder(names.map(({ name }) => name).filter((name) => !name.startsWith(TEMPORARY_PREFIX)));
    },

    update: async (key, change) => {
      const path = pathOf(key);
      try {
        await updateFile(path, change);
      } catch (error) {
        // What the change itself threw is the caller's.
        throw fileErrorCode(error) === undefined ? error : fileError(error, `changing ${path}`);
      }
    },

    writeIfAbsent,
    putIfAbsent: async (key, bytes) => {
      const writer = await writeIfAbsent(key);
      await writer.write(bytes);
      return (await writer.finish()).outcome;
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

    removeLeftovers: async (prefix) => {
      const folder = pathOf(prefix.replace(/\/$/, ''));
      try {
        await removeLeftovers(folder);
      } catch (error) {
        throw fileError(error, `clearing ${folder}`);
      }
    },
  };
}

async function digestFile(path: string): Promise<ObjectDigest> {
  const { add, digest } = digesting();
  for await (const chunk of createReadStream(path)) add(chunk as Buffer);
  return digest();
}

async function walk(options: { base: string; folder: string; keys: string[] }): Promise<void> {
  const { base, folder, keys } = options;
  if (folder !== '') checkKey(folder.replace(/\/$/, ''));
  for (const entry of await entriesOf(join(base, folder))) {
    if (entry.name.startsWith(TEMPORARY_PREFIX)) continue;
    if (entry.isDirectory()) await walk({ base, folder: `${folder}${entry.name}/`, keys });
    else if (entry.isFile()) keys.push(folder + entry.name);
  }
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return [];
    throw fileError(error, `listing ${path}`);
  }
}

function inByteOrder(names: readonly string[]): string[] {
  return names
    .map((name) => Buffer.from(name))
    .sort((a, b) => Buffer.compare(a, b))
    .map((name) => name.toString());
}
