import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PerimeterError } from '../perimeter-error.ts';
import { checkKey } from './check-key.ts';
import { fileError, fileErrorCode } from './file-error.ts';
import { endsWithin, MAX_OBJECT_BYTES, type InputFolder } from './input-folder.ts';

/** What a path answers with where no object is. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

/**
 * A folder of this machine. Symbolic links are followed within it.
 *
 * @param base its absolute path.
 */
export function fileInputFolder(base: string): InputFolder {
  let realBase: Promise<string> | undefined;
  /** Where a path leads; a link out of the folder would make a dataset of whatever this process may read. */
  const inside = async (path: string): Promise<string> => {
    const [root, target] = await Promise.all([(realBase ??= realpath(base)), realpath(path)]);
    if (target === root || target.startsWith(root.endsWith(sep) ? root : root + sep)) return target;
    throw new PerimeterError(
      'InvalidDataset',
      `${path} is a symbolic link out of ${base}: put the file itself there, or name the folder that holds all files.`,
    );
  };
  const pathOf = (key: string) => {
    checkKey(key);
    return join(base, key);
  };

  const walk = async (folder: string, into: { keys: string[]; atMost: number }, above: readonly string[]) => {
    const path = join(base, folder);
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries) {
      if (into.keys.length >= into.atMost) return;
      if (entry.name.startsWith('.')) continue;
      const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
      let isFolder = entry.isDirectory();
      let isFile = entry.isFile();
      let trail = above;
      if (entry.isSymbolicLink()) {
        const target = await inside(join(base, key));
        const found = await stat(target);
        isFolder = found.isDirectory();
        isFile = found.isFile();
        // A link to a folder above itself has no end.
        if (isFolder && above.includes(target)) continue;
        trail = [...above, target];
      }
      if (isFolder) await walk(key, into, trail);
      else if (isFile) into.keys.push(key);
    }
  };

  return {
    url: (key) => pathToFileURL(pathOf(key)).href,

    list: async ({ atMost = Infinity } = {}) => {
      const keys: string[] = [];
      try {
        await walk('', { keys, atMost }, [await realpath(base)]);
      } catch (error) {
        if (ABSENT.includes(fileErrorCode(error) ?? '')) return [];
        throw fileError(error, `listing ${base}`);
      }
      return keys;
    },

    head: async (key) => {
      const path = pathOf(key);
      try {
        const found = await stat(await inside(path));
        return found.isFile() ? { size: found.size, modified: found.mtime } : undefined;
      } catch (error) {
        if (ABSENT.includes(fileErrorCode(error) ?? '')) return undefined;
        throw fileError(error, `looking at ${path}`);
      }
    },

    read: async (key, range, maxBytes = MAX_OBJECT_BYTES) => {
      const path = pathOf(key);
      let file: FileHandle | undefined;
      try {
        file = await open(await inside(path));
        const found = await file.stat();
        if (found.isDirectory()) throw new PerimeterError('NotFound', `${path} is a folder: expected a file.`);
        const from = range?.from ?? 0;
        const length = (range?.to ?? found.size) - from;
        if (length > maxBytes) throw tooLarge(path, length, maxBytes);
        const bytes = new Uint8Array(length);
        await readAll({ file, bytes, from, path });
        return bytes;
      } catch (error) {
        if (ABSENT.includes(fileErrorCode(error) ?? '')) {
          throw new PerimeterError('NotFound', `There is no file ${path}.`, { cause: error });
        }
        throw fileError(error, `reading ${path}`);
      } finally {
        await file?.close();
      }
    },
  };
}

async function readAll(options: { file: FileHandle; bytes: Uint8Array; from: number; path: string }): Promise<void> {
  const { file, bytes, from, path } = options;
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) throw endsWithin(path, from, from + bytes.length);
    at += bytesRead;
  }
}

/** The error for an object that is too large to be read at once. */
function tooLarge(url: string, size: number, maxBytes: number): PerimeterError {
  return new PerimeterError('InvalidRequest', `${url} has ${size} bytes, more than the ${maxBytes} allowed for it.`);
}
