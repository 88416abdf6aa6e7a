import { open } from 'node:fs/promises';
import { PerimeterError } from '../perimeter-error.ts';
import { fileErrorCode } from '../storage/file-error.ts';
import { parseKey, type KeyKind } from './parse-key.ts';

/** A key has 100 to 200 bytes; some files have text around it. Another kind of file isn't read to its end. */
const MAX_BYTES = 65_536;

const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/**
 * Reads a key's file and checks that it holds an Ed25519 key of that kind.
 *
 * @returns its PEM text.
 * @throws PerimeterError `InvalidRequest` where it can't be read, or `parseKey` refuses it.
 */
export async function readKey(file: string, kind: KeyKind): Promise<string> {
  let pem: string;
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, null);
      pem = buffer.toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = REASONS[fileErrorCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
    throw new PerimeterError(
      'InvalidRequest',
      `The ${kind} key ${file} can't be read: ${reason}; "perimeter keys new" makes a pair.`,
      { cause: error },
    );
  }
  parseKey({ pem, kind, name: file });
  return pem;
}
