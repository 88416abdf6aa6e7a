import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { PerimeterError } from '../perimeter-error.ts';
import type { NamedBytes } from './in-memory-dataset.ts';
import { MAX_IN_MEMORY_BYTES } from './in-memory-limit.ts';

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * Unpacks the named members of a zip file, and no others. Sizes are added up before anything is unpacked, and no member
 * takes more memory than its size; checksums are compared.
 *
 * @param wanted names of members; those the file lacks are left out of the answer.
 * @returns the names of all its members, and what the wanted ones hold.
 * @throws PerimeterError `InvalidDataset` for a file that isn't a whole zip file, or unpacks to more than 2 GiB.
 */
export async function zipMembers(
  { name, bytes }: NamedBytes,
  wanted: readonly string[],
): Promise<{ names: string[]; contents: Map<string, Uint8Array> }> {
  const { zip, entries } = await readDirectory(name, bytes);
  const chosen = entries.filter(({ fileName }) => wanted.includes(fileName));
  const total = chosen.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (total > MAX_IN_MEMORY_BYTES) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} unpacks to ${total} bytes, but a dataset that is held whole may have at most ${MAX_IN_MEMORY_BYTES}: split it.`,
    );
  }
  const contents = new Map<string, Uint8Array>();
  for (const entry of chosen) contents.set(entry.fileName, await unpack({ name, zip, entry }));
  return { names: entries.map(({ fileName }) => fileName), contents };
}

async function readDirectory(name: string, bytes: Uint8Array): Promise<{ zip: ZipFile; entries: Entry[] }> {
  try {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const zip = await yauzl.fromBufferPromise(whole, { autoClose: false });
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    return { zip, entries };
  } catch (cause) {
    throw new PerimeterError('InvalidDataset', `${name} is not a whole zip file: ${reasonOf(cause)}.`, { cause });
  }
}

async function unpack({ name, zip, entry }: { name: string; zip: ZipFile; entry: Entry }): Promise<Uint8Array> {
  let content: Uint8Array;
  try {
    content = await buffer(await zip.openReadStreamPromise(entry));
    if (crc32(content) !== entry.crc32) throw new Error('its checksum differs');
  } catch (cause) {
    const sentence = `${entry.fileName} in ${name} can't be unpacked: ${reasonOf(cause)}.`;
    throw new PerimeterError('InvalidDataset', sentence, { cause });
  }
  return content;
}

function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}
