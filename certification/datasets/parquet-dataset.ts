import { posix } from 'node:path';
import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import type { Listing, Locator } from './listing.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { parquetColumns, type ColumnOptions, type ImageColumn, type LabelColumn } from './parquet-columns.ts';
import { readParquetFile, type ParquetFile } from './parquet-file.ts';
import { groupExtent, readGroupColumn } from './parquet-group.ts';
import { partsOf } from './parts.ts';

/** How many footers or row groups are read at once: each is a request or two, and small. */
const READ_AT_ONCE = 16;

/**
 * Lists the rows of Parquet files of images, as Hugging Face's `datasets` writes them and anyone may: a column of
 * encoded images, binary or a struct of `bytes` and `path`, and one of integer labels. Where the bytes are null, the
 * paths name files, relative to the folder of the Parquet file.
 *
 * @param keys the files, in the order that the examples are to have.
 * @param options the columns; told from the metadata and the names where left out (`parquetColumns`).
 * @throws PerimeterError `InvalidDataset`, one sentence that names the file; and whatever the folder throws.
 */
export async function listParquet(
  folder: InputFolder,
  keys: readonly string[],
  options: ColumnOptions = {},
): Promise<Listing> {
  const files = await mapConcurrently(keys, READ_AT_ONCE, (key) => readParquetFile(folder, key));
  const parts = partsOf(files.map(({ rows }) => rows.examples));
  if (parts.examples === 0) {
    const searched = keys.map((key) => folder.url(key)).join(', ') || 'no file';
    throw new PerimeterError('InvalidDataset', `No row is in ${searched}: a row for each image was expected.`);
  }
  const { image, label } = commonColumns(files, options);
  const linked = files.map((file) => isLinked(file, image));

  const groups = files.flatMap((file, index) =>
    file.metadata.row_groups.map((_, group) => ({ file, group, linked: linked[index] })),
  );
  const read = await mapConcurrently(groups, READ_AT_ONCE, async (where) => ({
    labels: await readLabels(folder, where, label),
    // The paths of images are read where they say something that the row doesn't.
    keys: where.linked ? await readPaths(folder, where, image) : [],
  }));
  const linkedKeys = read.flatMap((group) => group.keys);
  const firstKeys = partsOf(files.map(({ rows }, index) => (linked[index] ? rows.examples : 0)));

  return {
    examples: parts.examples,
    labels: Int32Array.from(read.flatMap(({ labels }) => labels)),
    ...(label.classNames && { classNames: label.classNames }),
    encoding: { type: 'image' },
    locate(index): Locator {
      const { part, within } = parts.find(index);
      const { key } = files[part];
      if (!linked[part]) return { key, row: within, column: image.bytesPath };
      return { key: linkedKeys[firstKeys.start(part) + within] };
    },
  };
}

/** The columns of the first file, which the others must have too. */
function commonColumns(
  files: readonly ParquetFile[],
  options: ColumnOptions,
): { image: ImageColumn; label: LabelColumn } {
  const first = parquetColumns(files[0], options);
  for (const file of files.slice(1)) {
    const { image, label } = parquetColumns(file, { imageColumn: first.image.name, labelColumn: first.label.name });
    if (image.bytesPath !== first.image.bytesPath || !sameNames(label.classNames, first.label.classNames)) {
      throw new PerimeterError(
        'InvalidDataset',
        `${file.name} has other classes or another kind of images than ${files[0].name}: all files of a dataset have the same columns.`,
      );
    }
  }
  return first;
}

function sameNames(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

/**
 * Whether a file names its images in place of holding them, by how many bytes it counts as null. Files that don't count
 * are taken to hold them; a row where they are missing is then refused when it is read.
 */
function isLinked(file: ParquetFile, image: ImageColumn): boolean {
  let nulls = 0;
  file.metadata.row_groups.forEach(({ columns }, group) => {
    groupExtent({ file, group, column: image.name });
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === image.bytesPath);
    nulls += Number(chunk?.meta_data?.statistics?.null_count ?? 0);
  });
  if (nulls === 0) return false;
  if (nulls === file.rows.examples && image.bytesPath !== image.name) return true;
  throw new PerimeterError(
    'InvalidDataset',
    `${file.name} has no bytes in ${nulls} of the ${file.rows.examples} rows of its column ${JSON.stringify(image.name)}: images were expected in all of them.`,
  );
}

interface Group {
  readonly file: ParquetFile;
  readonly group: number;
}

async function readLabels(folder: InputFolder, { file, group }: Group, column: LabelColumn): Promise<number[]> {
  const values = await readGroupColumn(folder, { file, group, column: column.name });
  return values.map((value, within) => {
    const label = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
    const classes = column.classNames?.length ?? 2 ** 31;
    if (label !== undefined && Number.isInteger(label) && label >= 0 && label < classes) return label;
    const expected = column.classNames ? `indices of its ${classes} classes` : 'class indices';
    throw new PerimeterError(
      'InvalidDataset',
      `${file.name} has ${label === undefined ? 'no label' : `the label ${label}`} at row ${file.rows.start(group) + within}, but labels are ${expected} from 0 up.`,
    );
  });
}

async function readPaths(folder: InputFolder, { file, group }: Group, column: ImageColumn): Promise<string[]> {
  const values = await readGroupColumn(folder, { file, group, column: column.name });
  return values.map((value, within) => {
    const found = typeof value === 'object' && value !== null && 'path' in value ? value.path : undefined;
    const path = found instanceof Uint8Array ? Buffer.from(found).toString('utf8') : found;
    if (typeof path === 'string' && isRelative(path)) return posix.join(posix.dirname(file.key), path);
    throw new PerimeterError(
      'InvalidDataset',
      `${file.name} has ${typeof path === 'string' ? `the path ${JSON.stringify(path)}` : 'neither bytes nor a path'} at row ${file.rows.start(group) + within}, but a path below the file's folder was expected: write it with the images in it (Dataset.to_parquet).`,
    );
  });
}

function isRelative(path: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:|\\|\0/i.test(path) && path.split('/').every((name) => !['', '.', '..'].includes(name));
}
