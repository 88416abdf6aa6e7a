import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import type { Locator } from './listing.ts';
import { readParquetFile, type ParquetFile } from './parquet-file.ts';
import { groupExtent, readGroupColumn } from './parquet-group.ts';

/** What is kept of unpacked row groups: twenty of the usual 100 ImageNet images, or a single larger one. */
const KEPT_BYTES = 256 * 1024 * 1024;
/** Of files, whose footers are kept. */
const KEPT_FILES = 32;

interface KeptGroup {
  readonly bytes: number;
  readonly rows: Promise<readonly unknown[]>;
}

/**
 * Makes a reader of the rows that `listParquet` locates. It keeps the row groups that were read last, so that each is
 * unpacked once while a shard's rows are read one after another or at once; and it unpacks one at a time, so that
 * memory is bounded by what is kept or the largest row group.
 *
 * @param keptBytes how much it keeps of unpacked row groups; the last is kept however large it is.
 * @returns reads the bytes of a row, the caller's own. It throws PerimeterError `InvalidDataset` where there are none,
 * and whatever the folder throws.
 */
export function createParquetReader(
  folder: InputFolder,
  keptBytes = KEPT_BYTES,
): (locator: Locator) => Promise<Uint8Array> {
  const files = new Map<string, Promise<ParquetFile>>();
  const groups = new Map<string, KeptGroup>();
  let last: Promise<unknown> = Promise.resolve();

  const fileOf = (key: string): Promise<ParquetFile> => {
    const file = files.get(key) ?? readParquetFile(folder, key);
    keepLast(files, key, file);
    for (const oldest of [...files.keys()].slice(0, -KEPT_FILES)) files.delete(oldest);
    // A fault may pass: the next to ask tries again.
    file.catch(() => files.get(key) === file && files.delete(key));
    return file;
  };

  const groupOf = (file: ParquetFile, group: number, column: string): Promise<readonly unknown[]> => {
    const id = JSON.stringify([file.key, column, group]);
    const kept = groups.get(id);
    if (kept !== undefined) {
      keepLast(groups, id, kept);
      return kept.rows;
    }
    const { unpacked: bytes } = groupExtent({ file, group, column });
    const rows = last.then(() => {
      // Before it is unpacked, and what came in meanwhile is later in the map and stays.
      makeRoom(groups, id, keptBytes);
      return readGroupColumn(folder, { file, group, column });
    });
    last = rows.catch(() => undefined);
    const added = { bytes, rows };
    groups.set(id, added);
    rows.catch(() => groups.get(id) === added && groups.delete(id));
    return rows;
  };

  return async ({ key, row = -1, column = '' }) => {
    const file = await fileOf(key);
    const [name] = columnOf(file, column);
    const { part, within } = file.rows.find(row);
    const rows = await groupOf(file, part, name);
    const value = rows[within];
    const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;
    if (bytes instanceof Uint8Array) return bytes.slice();
    throw new PerimeterError(
      'InvalidDataset',
      `${file.name} has no bytes at row ${row} of its column ${JSON.stringify(column)}, but an image was expected.`,
    );
  };
}

/** Moves or adds a key to the end of a map, which is where the last used are. */
function keepLast<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
}

function makeRoom(groups: Map<string, KeptGroup>, id: string, keptBytes: number): void {
  let kept = 0;
  for (const { bytes } of groups.values()) kept += bytes;
  for (const [oldest, { bytes }] of groups) {
    if (kept <= keptBytes || oldest === id) return;
    groups.delete(oldest);
    kept -= bytes;
  }
}

function columnOf(file: ParquetFile, column: string): string[] {
  for (const { meta_data } of file.metadata.row_groups[0]?.columns ?? []) {
    if (meta_data?.path_in_schema.join('.') === column) return meta_data.path_in_schema;
  }
  throw new PerimeterError('InvalidDataset', `${file.name} has no column ${JSON.stringify(column)}.`);
}
