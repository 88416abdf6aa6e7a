import { randomUUID } from 'node:crypto';
import { rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { fileError, isAbsence } from '../certification/storage/file-error.ts';

/**
 * Writes a document to a file, whole or not at all, or to standard output where no file is named. A file that is there is
 * replaced: what is written can be written again.
 *
 * @throws PerimeterError where the file can't be written.
 */
export async function writeDocument(text: string | Uint8Array, file: string | undefined): Promise<void> {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    const there = await stat(file).catch(() => undefined);
    // A pipe or a terminal, such as /dev/stdout, is written to and never replaced.
    if (there !== undefined && !there.isFile()) await writeFile(file, text);
    else await replace(file, text);
  } catch (error) {
    if (isAbsence(error)) {
      const sentence = `The folder of ${file} is not there: make it, or name another file.`;
      throw new PerimeterError('InvalidRequest', sentence, { cause: error });
    }
    throw fileError(error, `writing ${file}`);
  }
}

async function replace(file: string, text: string | Uint8Array) {
  const half = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    await writeFile(half, text, { flag: 'wx' });
    await rename(half, file);
  } catch (error) {
    await unlink(half).catch(() => undefined);
    throw error;
  }
}
