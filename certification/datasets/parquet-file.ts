import { parquetMetadata, type FileMetaData } from 'hyparquet';
import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { objectSize } from './object-size.ts';
import { partsOf, type Parts } from './parts.ts';

/** What the footer of a Parquet file says. */
export interface ParquetFile {
  readonly key: string;
  /** Its URL, for errors. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly metadata: FileMetaData;
  /** Its row groups as parts of its rows. */
  readonly rows: Parts;
}

/** What is fetched of a file's end at first: the footer of any usual one. */
const TAIL_BYTES = 64 * 1024;
/** Footers are held whole, as objects many times their size; those of image sets with sane row groups are below 1 MiB. */
const MAX_FOOTER_BYTES = 16 * 1024 * 1024;
/** Length and magic number behind the footer, and the magic number before everything. */
const END_BYTES = 8;
const LEAST_BYTES = 12;
/** The most rows that PyArrow puts into a row group. It bounds what a few bytes can unpack to. */
const MAX_GROUP_ROWS = 1024 * 1024;

/**
 * Reads the footer of a Parquet file.
 *
 * @throws PerimeterError `InvalidDataset` where it isn't a whole Parquet file; and whatever the folder throws.
 */
export async function readParquetFile(folder: InputFolder, key: string): Promise<ParquetFile> {
  const name = folder.url(key);
  const size = await objectSize(folder, key);
  const fault = (sentence: string, cause?: unknown) =>
    new PerimeterError('InvalidDataset', `${name} ${sentence}`, { cause });
  if (size < LEAST_BYTES)
    throw fault(`is not a Parquet file: it holds ${size} bytes, at least ${LEAST_BYTES} were expected.`);

  const from = Math.max(0, size - TAIL_BYTES);
  const tail = Buffer.from(await folder.read(key, { from, to: size }));
  const magic = tail.toString('latin1', tail.length - 4);
  if (magic === 'PARE') throw fault('is an encrypted Parquet file: write it without encryption.');
  if (magic !== 'PAR1') {
    throw fault(`is not a whole Parquet file: it ends with ${JSON.stringify(magic)}, where "PAR1" was expected.`);
  }
  const length = tail.readUInt32LE(tail.length - END_BYTES);
  if (length + LEAST_BYTES > size) {
    throw fault(`is not a whole Parquet file: it declares a footer of ${length} bytes, but holds ${size} in all.`);
  }
  if (length > MAX_FOOTER_BYTES) {
    throw fault(`declares a footer of ${length} bytes, but at most ${MAX_FOOTER_BYTES} are read: split the file.`);
  }
  const start = size - END_BYTES - length;
  const footer =
    start >= from
      ? tail.subarray(start - from)
      : Buffer.concat([await folder.read(key, { from: start, to: from }), tail]);

  const metadata = parseFooter(footer, fault);
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const excess = groups.findIndex((rows) => rows < 0 || rows > MAX_GROUP_ROWS);
  if (excess >= 0) {
    throw fault(`has ${groups[excess]} rows in its row group ${excess}, but at most ${MAX_GROUP_ROWS} are read.`);
  }
  const rows = partsOf(groups);
  if (rows.examples !== Number(metadata.num_rows)) {
    throw fault(`declares ${metadata.num_rows} rows, but its row groups have ${rows.examples}.`);
  }
  return { key, name, size, metadata, rows };
}

function parseFooter(footer: Uint8Array, fault: (sentence: string, cause: unknown) => PerimeterError): FileMetaData {
  try {
    return parquetMetadata(footer, { geoparquet: false });
  } catch (cause) {
    throw fault(`has a footer that can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`, cause);
  }
}
