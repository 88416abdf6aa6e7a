import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { PerimeterError } from '../perimeter-error.ts';
import type { NamedBytes } from './in-memory-dataset.ts';
import { MAX_IN_MEMORY_BYTES } from './in-memory-limit.ts';

const inflateRawAsync = promisify(inflateRaw);

/** Of APPNOTE.TXT, PKWARE's description of the format; sections 4.3.7, 4.3.12 and 4.3.16. */
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;

interface Member {
  readonly encrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let members: Map<string, Member>;
  try {
    members = readDirectory(view);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new PerimeterError(
      'InvalidDataset',
      `${name} is not a whole zip file: its directory is missing or cut short.`,
      {
        cause,
      },
    );
  }

  const chosen = wanted.flatMap((key) => {
    const member = members.get(key);
    return member === undefined ? [] : [{ key, member }];
  });
  const total = chosen.reduce((sum, { member }) => sum + member.bytes, 0);
  if (total > MAX_IN_MEMORY_BYTES) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} unpacks to ${total} bytes, but a dataset that is held whole may have at most ${MAX_IN_MEMORY_BYTES}: split it.`,
    );
  }

  const contents = new Map<string, Uint8Array>();
  for (const { key, member } of chosen) contents.set(key, await unpack({ name: `${key} in ${name}`, view, member }));
  return { names: [...members.keys()], contents };
}

/** @throws RangeError where it isn't there or isn't whole. */
function readDirectory(view: DataView): Map<string, Member> {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const members = new Map<string, Member>();
  let at = view.getUint32(end + 16, true);
  for (let entry = 0; entry < count; entry++) {
    if (view.getUint32(at, true) !== CENTRAL_HEADER) throw new RangeError('no central header');
    const nameBytes = view.getUint16(at + 28, true);
    const name = Buffer.from(view.buffer, view.byteOffset + at + 46, nameBytes).toString('utf8');
    members.set(name, {
      encrypted: (view.getUint16(at + 8, true) & ENCRYPTED_FLAG) !== 0,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return members;
}

/** The end record is last but for a comment, so it is looked for from the end. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_OF_DIRECTORY_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  throw new RangeError('no end of central directory');
}

async function unpack({ name, view, member }: { name: string; view: DataView; member: Member }): Promise<Uint8Array> {
  const packed = packedBytes(view, member);
  if (packed === null) throw new PerimeterError('InvalidDataset', `${name} is truncated.`);
  if (member.encrypted || (member.method !== STORED && member.method !== DEFLATED)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} is ${member.encrypted ? 'encrypted' : `packed by method ${member.method}`}, but only stored and deflated members can be read: write it with numpy.savez or numpy.savez_compressed.`,
    );
  }
  let content: Uint8Array = packed;
  if (member.method === DEFLATED) {
    try {
      content = await inflateRawAsync(packed, { maxOutputLength: Math.max(1, member.bytes) });
    } catch (cause) {
      throw cause instanceof RangeError ? wrongSize(name, member, cause) : damaged(name, cause);
    }
  }
  if (content.length !== member.bytes) throw wrongSize(name, member);
  if (crc32(content) !== member.crc) throw damaged(name, new Error('its checksum differs'));
  return content;
}

/** Null where the file ends before the member does. */
function packedBytes(view: DataView, { offset, compressedBytes }: Member): Uint8Array | null {
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== LOCAL_HEADER) return null;
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + compressedBytes > view.byteLength) return null;
  return new Uint8Array(view.buffer, view.byteOffset + start, compressedBytes);
}

function wrongSize(name: string, { bytes }: Member, cause?: unknown): PerimeterError {
  return new PerimeterError(
    'InvalidDataset',
    `${name} doesn't unpack to the ${bytes} bytes that the zip directory declares.`,
    { cause },
  );
}

function damaged(name: string, cause: unknown): PerimeterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PerimeterError('InvalidDataset', `${name} is damaged: ${reason}.`, { cause });
}
