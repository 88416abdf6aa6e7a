/** Headers and contents of tar archives are padded to blocks of this many bytes. */
export const BLOCK = 512;

/** `name` and `pax` say more of the member after them; `skip` says something that nobody needs here. */
type HeaderType = 'file' | 'folder' | 'link' | 'special' | 'name' | 'pax' | 'skip';

export interface TarHeader {
  readonly status: 'header';
  readonly name: string;
  readonly type: HeaderType;
  /** How many bytes follow it, before padding. */
  readonly size: number;
}

/** By the type flag of POSIX.1-1988 ustar, POSIX.1-2001 pax and GNU tar. */
const types = new Map<string, HeaderType>([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'link'],
  ['2', 'link'],
  ['5', 'folder'],
  ['L', 'name'],
  ['K', 'skip'],
  ['x', 'pax'],
  ['g', 'skip'],
]);

/**
 * Takes a tar header apart.
 *
 * @param block 512 bytes.
 * @returns its fields; or that it is empty, which ends an archive; or what is wrong with it, as half a sentence.
 */
export function parseTarHeader(
  block: Uint8Array,
): TarHeader | { readonly status: 'end' } | { readonly status: 'fault'; readonly fault: string } {
  if (block.every((byte) => byte === 0)) return { status: 'end' };
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const magic = text.toString('latin1', 257, 263);
  if (magic !== 'ustar\0' && magic !== 'ustar ') {
    return { status: 'fault', fault: `a header has ${JSON.stringify(magic)} where "ustar" was expected` };
  }
  const declared = parseNumber(block.subarray(148, 156));
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (declared !== sum) {
    return { status: 'fault', fault: `a header has the checksum ${declared}, but its bytes make ${sum}` };
  }
  const size = parseNumber(block.subarray(124, 136));
  if (!Number.isSafeInteger(size) || size < 0) return { status: 'fault', fault: 'a header has no readable size' };
  const field = (from: number, to: number): string => {
    const end = text.subarray(from, to).indexOf(0);
    return text.toString('utf8', from, end < 0 ? to : from + end);
  };
  const prefix = magic === 'ustar\0' ? field(345, 500) : '';
  const name = prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`;
  const flag = String.fromCharCode(block[156]);
  const type = types.get(flag) ?? 'special';
  // Before ustar a folder was a file whose name ends with a slash.
  const folder = type === 'folder' || (flag === '\0' && name.endsWith('/'));
  // Only files and what isn't known have contents; links and folders may have a size none the less.
  const empty = folder || type === 'link' || '346'.includes(flag);
  return { status: 'header', name, type: folder ? 'folder' : type, size: empty ? 0 : size };
}

/** Octal digits, of which none are 0, or GNU's big-endian binary behind a first byte of 0x80; NaN where it is neither. */
function parseNumber(field: Uint8Array): number {
  if (field[0] === 0x80) return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
  const digits = /^ *([0-7]*)[ \0]*$/.exec(Buffer.from(field).toString('latin1'))?.[1];
  return digits === undefined ? NaN : Number.parseInt(digits || '0', 8);
}
