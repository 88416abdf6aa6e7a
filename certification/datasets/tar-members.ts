import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { objectSize } from './object-size.ts';
import { isGzip } from './read-gzip.ts';
import { BLOCK, parseTarHeader, type TarHeader } from './tar-header.ts';

export interface TarMember {
  /** As the archive has it. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'special';
  /** Its first byte in the archive, and the one after its last. */
  readonly from: number;
  readonly to: number;
  /** What it holds. Bytes that came with its header aren't fetched again. */
  read(): Promise<Uint8Array>;
}

/** How much is fetched at once: enough small members that requests to an object store stay few. */
const READ_AHEAD = 64 * 1024;
/** After a member larger than that, which is passed over, the next will be too: room for some headers and a label. */
const SHORT_READ_AHEAD = 4 * 1024;
/** Names longer than this are no file system's; it bounds what is held of one. */
const MAX_NAME_BYTES = 1024 * 1024;

/**
 * The members of a tar archive in their order: POSIX ustar and pax, and GNU's long names and sizes. Only headers are
 * read, from one to the next.
 *
 * @throws PerimeterError `InvalidDataset` where it isn't a whole tar archive; and whatever the folder throws.
 */
export async function* tarMembers(folder: InputFolder, key: string): AsyncGenerator<TarMember, void, undefined> {
  const size = await objectSize(folder, key);
  const fault = (sentence: string) => new PerimeterError('InvalidDataset', `${folder.url(key)} ${sentence}`);
  let window: { from: number; bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() };
  let ahead = READ_AHEAD;

  const bytesAt = async (from: number, to: number): Promise<Uint8Array> => {
    if (from < window.from || to > window.from + window.bytes.length) {
      const end = Math.min(size, Math.max(to, from + ahead));
      window = { from, bytes: await folder.read(key, { from, to: end }) };
    }
    return window.bytes.subarray(from - window.from, to - window.from);
  };

  if (isGzip(await bytesAt(0, Math.min(2, size)))) {
    throw fault('is compressed by gzip, but parts of it have to be read: decompress it (gunzip).');
  }
  let long: { readonly name?: string; readonly size?: number; readonly sparse?: boolean } = {};
  for (let at = 0; ;) {
    if (at + BLOCK > size) {
      throw fault(
        at === 0
          ? `is not a tar archive: it holds ${size} bytes, less than one header.`
          : `is truncated: it ends at byte ${size}, without the empty block that ends a tar archive.`,
      );
    }
    const header = parseTarHeader(await bytesAt(at, at + BLOCK));
    if (header.status === 'end') return;
    if (header.status === 'fault') {
      throw fault(`is not a whole tar archive: at byte ${at} ${header.fault}.`);
    }
    const from = at + BLOCK;
    const hasSize = header.type === 'file' || header.type === 'special';
    const to = from + (hasSize ? (long.size ?? header.size) : header.size);
    if (to > size) {
      const name = JSON.stringify(long.name ?? header.name);
      throw fault(`is truncated: its member ${name} would end at byte ${to}, but the file ends at byte ${size}.`);
    }
    if (header.type === 'name' || header.type === 'pax' || header.type === 'skip') {
      if (header.type !== 'skip') {
        if (to - from > MAX_NAME_BYTES) {
          throw fault(`has a name of ${to - from} bytes at byte ${at}: at most ${MAX_NAME_BYTES} are read.`);
        }
        const text = await bytesAt(from, to);
        long = header.type === 'name' ? { ...long, name: untilNul(text) } : { ...long, ...paxRecords(text) };
        if (Number.isNaN(long.size)) throw fault(`has a pax header at byte ${at} whose size is no number.`);
      }
    } else {
      const type = memberType(header, long);
      ahead = to - from > READ_AHEAD ? SHORT_READ_AHEAD : READ_AHEAD;
      yield { name: long.name ?? header.name, type, from, to, read: () => bytesAt(from, to) };
      long = {};
    }
    at = from + BLOCK * Math.ceil((to - from) / BLOCK);
  }
}

function memberType(header: TarHeader, long: { sparse?: boolean }): TarMember['type'] {
  switch (header.type) {
    case 'file':
      return long.sparse === true ? 'special' : 'file';
    case 'folder':
    case 'link':
      return header.type;
    case 'special':
    case 'name':
    case 'pax':
    case 'skip':
      return 'special';
  }
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

/** POSIX pax records, `<length> <key>=<value>\n`: the name and the size, and whether GNU tar left out holes. */
function paxRecords(bytes: Uint8Array): { name?: string; size?: number; sparse?: boolean } {
  const found: { name?: string; size?: number; sparse?: boolean } = {};
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < text.length;) {
    const length = Number.parseInt(text.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const record = text.toString('utf8', at, at + length - 1);
    const [, key = '', value = ''] = /^\d+ ([^=]*)=([^]*)$/.exec(record) ?? [];
    if (key === 'path') found.name = value;
    if (key === 'size') found.size = /^\d+$/.test(value) ? Number(value) : NaN;
    if (key.startsWith('GNU.sparse.')) found.sparse = true;
    at += length;
  }
  return found;
}
