import { Readable } from 'node:stream';
import yauzl, { type ZipFile } from 'yauzl';
import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { objectSize } from './object-size.ts';

/** Where the bytes of a member are that is stored as it is. */
export interface ZipSpan {
  /** Its first byte in the archive, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** Each is a request or two: an NPZ file has a handful. */
const MAX_MEMBERS = 1000;
/** ZIP's compression method 0. */
const STORED = 0;

/**
 * Finds members of a zip archive that are stored uncompressed, by its directory at the end.
 *
 * @returns the names of all its members, and where the wanted ones are that it has.
 * @throws PerimeterError `InvalidDataset` where it isn't a whole zip archive, or one of them is compressed; and whatever
 * the folder throws.
 */
export async function zipSpans(
  folder: InputFolder,
  key: string,
  wanted: readonly string[],
): Promise<{ names: string[]; spans: Map<string, ZipSpan> }> {
  const name = folder.url(key);
  const size = await objectSize(folder, key);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(new FolderReader(folder, key), size, { autoClose: false });
    return await findMembers({ name, size, zip, wanted });
  } catch (cause) {
    if (cause instanceof PerimeterError) throw cause;
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    throw new PerimeterError('InvalidDataset', `${name} is not a whole zip file: ${reason}.`, { cause });
  }
}

async function findMembers({
  name,
  size,
  zip,
  wanted,
}: {
  name: string;
  size: number;
  zip: ZipFile;
  wanted: readonly string[];
}): Promise<{ names: string[]; spans: Map<string, ZipSpan> }> {
  if (zip.entryCount > MAX_MEMBERS) {
    throw new PerimeterError(
      'InvalidDataset',
      `${name} has ${zip.entryCount} members, but at most ${MAX_MEMBERS} are looked at.`,
    );
  }
  const names: string[] = [];
  const spans = new Map<string, ZipSpan>();
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
    if (!wanted.includes(entry.fileName)) continue;
    if (entry.compressionMethod !== STORED || entry.isEncrypted()) {
      throw new PerimeterError(
        'InvalidDataset',
        `${entry.fileName} in ${name} is compressed, but parts of it have to be read: save it with numpy.savez.`,
      );
    }
    const { fileDataStart: from } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const to = from + entry.uncompressedSize;
    if (to > size) throw new Error(`${entry.fileName} would end at byte ${to} of ${size}`);
    spans.set(entry.fileName, { from, to });
  }
  return { names, spans };
}

/** What yauzl reads an archive through. */
class FolderReader extends yauzl.RandomAccessReader {
  readonly #folder: InputFolder;
  readonly #key: string;

  constructor(folder: InputFolder, key: string) {
    super();
    this.#folder = folder;
    this.#key = key;
  }

  override _readStreamForRange(from: number, to: number): Readable {
    const folder = this.#folder;
    const key = this.#key;
    return Readable.from(
      (async function* () {
        yield await folder.read(key, { from, to });
      })(),
    );
  }
}
