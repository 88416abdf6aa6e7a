import { open, unlink } from 'node:fs/promises';
import { PerimeterError } from '../perimeter-error.ts';
import { fileError, fileErrorCode } from '../storage/file-error.ts';
import { newKeyPair } from './new-key-pair.ts';

/** Read and written by its owner alone. */
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;

export interface KeyFiles {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
  readonly fingerprint: string;
}

/**
 * Makes a key pair and writes it to `file` and `file.pub`; a file that is there already is never touched.
 *
 * @throws PerimeterError `InvalidRequest` where either is there already, or their folder isn't; `StoreRefused` or
 *   `StoreUnavailable` where the disk refuses. Neither file is left then.
 */
export async function writeKeyPair(file: string): Promise<KeyFiles> {
  const { privateKey, publicKey, fingerprint } = newKeyPair();
  const publicKeyFile = `${file}.pub`;
  await writeNew({ path: publicKeyFile, text: publicKey, mode: PUBLIC_MODE });
  try {
    await writeNew({ path: file, text: privateKey, mode: PRIVATE_MODE });
  } catch (error) {
    await unlink(publicKeyFile);
    throw error;
  }
  return { privateKeyFile: file, publicKeyFile, fingerprint };
}

async function writeNew({ path, text, mode }: { path: string; text: string; mode: number }) {
  let made = false;
  try {
    const handle = await open(path, 'wx', mode);
    made = true;
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (made) await unlink(path);
    throw writeFault(path, error);
  }
}

function writeFault(path: string, error: unknown): PerimeterError {
  const code = fileErrorCode(error);
  if (code === 'EEXIST') {
    return new PerimeterError(
      'InvalidRequest',
      `${path} is there already, and a key is never overwritten: name another file.`,
      { cause: error },
    );
  }
  if (code === 'ENOENT') {
    return new PerimeterError('InvalidRequest', `${path} can't be written: its folder isn't there.`, { cause: error });
  }
  return fileError(error, `writing ${path}`);
}
