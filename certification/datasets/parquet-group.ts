import { parquetReadObjects, type AsyncBuffer, type ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { compressors as allCompressors, decompressZstd } from 'hyparquet-compressors';
import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import type { ParquetFile } from './parquet-file.ts';

/** One column, whole with what is nested in it, of one row group. */
export interface GroupColumn {
  readonly file: ParquetFile;
  /** Number of the row group, from 0. */
  readonly group: number;
  /** Name of the top-level column. */
  readonly column: string;
}

/**
 * A row group is unpacked whole, so that much of it is held; `datasets` puts 100 images into one, which is a hundredth
 * of that.
 */
const MAX_GROUP_BYTES = 2 ** 30;

/** Into as much memory as the page's header says, and no more. */
const compressors: typeof allCompressors = {
  ...allCompressors,
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};

/** Where the pages of a column of a row group are, by the footer. */
interface Extent {
  readonly from: number;
  readonly to: number;
  /** How many bytes they unpack to. */
  readonly unpacked: number;
}

/**
 * Checks what the footer says of a column of a row group.
 *
 * @throws PerimeterError `InvalidDataset` where it isn't within the file, or is more than can be held.
 */
export function groupExtent({ file, group, column }: GroupColumn): Extent {
  const chunks = chunksOf({ file, group, column });
  const ranges = chunks.map(rangeOf);
  const from = Math.min(...ranges.map((range) => range.from));
  const to = Math.max(...ranges.map((range) => range.to));
  const unpacked = chunks.reduce((sum, { total_uncompressed_size }) => sum + Number(total_uncompressed_size), 0);
  const where = `${file.name} has column ${JSON.stringify(column)} of its row group ${group}`;
  if (!(from >= 0 && from <= to && to <= file.size)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${where} declared as bytes ${from} to ${to}, but holds ${file.size}: it is truncated or damaged.`,
    );
  }
  const largest = Math.max(unpacked, to - from);
  if (!(unpacked >= 0 && largest <= MAX_GROUP_BYTES)) {
    throw new PerimeterError(
      'InvalidDataset',
      `${where} in ${largest} bytes, but at most ${MAX_GROUP_BYTES} are read at once: write it with smaller row groups (row_group_size=100).`,
    );
  }
  return { from, to, unpacked };
}

/**
 * Reads a column of a row group, by one request.
 *
 * @returns a value for each of its rows: of a struct an object, of binary a `Uint8Array`, of 64-bit integers a bigint;
 * null or undefined where there is none.
 * @throws PerimeterError `InvalidDataset` for bytes that aren't what the footer declares; and whatever the folder throws.
 */
export async function readGroupColumn(
  folder: InputFolder,
  { file, group, column }: GroupColumn,
): Promise<readonly unknown[]> {
  const { from, to } = groupExtent({ file, group, column });
  const where = `column ${JSON.stringify(column)} of row group ${group} in ${file.name}`;
  const fault = (sentence: string, cause?: unknown) =>
    new PerimeterError('InvalidDataset', `${where} ${sentence}`.replace(/^c/, 'C'), { cause });

  const rows = Number(file.metadata.row_groups[group].num_rows);
  const bytes = new Uint8Array(await folder.read(file.key, { from, to }));

  const start = file.rows.start(group);
  try {
    for (const chunk of chunksOf({ file, group, column })) {
      const range = rangeOf(chunk);
      checkPages(bytes.subarray(range.from - from, range.to - from), rows);
    }
    const found = await parquetReadObjects({
      file: bytesAt(bytes, from, file.size),
      metadata: file.metadata,
      columns: [column],
      rowStart: start,
      rowEnd: start + rows,
      compressors,
      utf8: false,
    });
    return found.map((row) => (row as Record<string, unknown>)[column]);
  } catch (cause) {
    throw fault(
      `can't be read: ${(cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')}.`,
      cause,
    );
  }
}

function chunksOf({ file, group, column }: GroupColumn): ColumnMetaData[] {
  return file.metadata.row_groups[group].columns.flatMap(({ meta_data }) =>
    meta_data?.path_in_schema[0] === column ? [meta_data] : [],
  );
}

function rangeOf(chunk: ColumnMetaData): { from: number; to: number } {
  // Some writers leave 0 for no dictionary.
  const from = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  return { from, to: from + Number(chunk.total_compressed_size) };
}

/** Bytes of a file from one offset on, as the whole file that hyparquet asks for. */
function bytesAt(bytes: Uint8Array, offset: number, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice(start, end = byteLength) {
      if (start < offset || end > offset + bytes.length) throw new Error('a page lies outside its column');
      return bytes.slice(start - offset, end - offset).buffer;
    },
  };
}

/**
 * Walks the headers of a column's pages before any is unpacked, since hyparquet takes the memory that they declare.
 *
 * @throws Error, of what is wrong.
 */
function checkPages(bytes: Uint8Array, rows: number): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let values = 0;
  let unpacked = 0;
  while (reader.offset < bytes.length) {
    const at = reader.offset;
    const header = parquetHeader(reader);
    const { compressed_page_size, uncompressed_page_size, data_page_header_v2: second } = header;
    const declared = (header.data_page_header ?? second)?.num_values ?? 0;
    const levels = second ? [second.definition_levels_byte_length, second.repetition_levels_byte_length] : [];
    const sizes = [compressed_page_size, uncompressed_page_size, declared, ...levels];
    values += declared;
    unpacked += uncompressed_page_size;
    if (
      !sizes.every((size) => Number.isSafeInteger(size) && size >= 0) ||
      reader.offset + compressed_page_size > bytes.length ||
      levels.reduce((sum, size) => sum + size, 0) > compressed_page_size ||
      (second !== undefined && !(second.num_nulls >= 0 && second.num_nulls <= declared)) ||
      // No value of a dictionary takes less than 4 bytes.
      !(4 * (header.dictionary_page_header?.num_values ?? 0) <= uncompressed_page_size)
    ) {
      throw new Error(`the page at its byte ${at} has sizes that can't be`);
    }
    if (unpacked > MAX_GROUP_BYTES) throw new Error(`its pages unpack to more than ${MAX_GROUP_BYTES} bytes`);
    if (values > rows) throw new Error(`its pages hold more than the ${rows} values that the footer declares`);
    reader.offset += compressed_page_size;
  }
  if (values !== rows) throw new Error(`its pages hold ${values} values, where the footer declares ${rows}`);
}
