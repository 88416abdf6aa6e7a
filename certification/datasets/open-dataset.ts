import { PerimeterError } from '../perimeter-error.ts';
import type { DatasetFormat } from '../records/request.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { openInputFolder, splitLocation } from '../storage/open-input-folder.ts';
import { parseClassNames } from './class-names.ts';
import type { Base, Dataset } from './dataset.ts';
import { detectFormat, folderFormat, HEAD_BYTES } from './detect-format.ts';
import { readCifarBinary } from './cifar-binary.ts';
import { listIdx } from './idx-listing.ts';
import { readIdx } from './idx.ts';
import { readNpyPair } from './npy-dataset.ts';
import { listNpy } from './npy-listing.ts';
import { listNpz } from './npz-listing.ts';
import { listParquet } from './parquet-dataset.ts';
import { isGzip } from './read-gzip.ts';
import { listWebDataset } from './web-dataset.ts';
import { listClassFolders, listLabelledImages } from './image-folder.ts';
import type { ImageLayout } from './image-layout.ts';
import type { ImageOptions } from './image-options.ts';
import type { NamedBytes } from './in-memory-dataset.ts';
import { MAX_HELD_BYTES, MAX_IN_MEMORY_BYTES } from './in-memory-limit.ts';
import { listedDataset } from './listed-dataset.ts';
import type { Listing } from './listing.ts';
import { readNpz } from './npz.ts';
import { isPattern, objectNames } from './object-names.ts';

export interface DatasetLocation {
  /** Path or URI of a folder or an object; its last part may stand for several objects (`isPattern`). */
  readonly uri: string;
  /** Path or URI of the labels, of formats that keep them apart. */
  readonly labels?: string | undefined;
  /** Path or URI of the list of classes, of datasets that name them. */
  readonly classes?: string | undefined;
  /** Told from first bytes and names, where left out. */
  readonly format?: DatasetFormat | undefined;
  /** Axis order of 4-dimensional arrays, where their shape leaves it open. */
  readonly layout?: ImageLayout | undefined;
  /** What image files become; as they are, in colour, where left out. */
  readonly images?: ImageOptions | undefined;
  /** Columns of Parquet files, where they aren't plain. */
  readonly imageColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
}

export type OpenFolder = (uri: string) => InputFolder;

const AS_THEY_ARE: ImageOptions = { resize: null, crop: null, interpolation: 'bilinear', channels: 3 };

/** Of formats that keep labels apart, that may, and that keep them with the images. */
const labelsOf: Record<DatasetFormat, 'needed' | 'possible' | 'none'> = {
  idx: 'needed',
  npy: 'needed',
  'image-folder': 'possible',
  webdataset: 'none',
  parquet: 'none',
  npz: 'none',
  cifar10: 'none',
  cifar100: 'none',
};

/**
 * Opens a labelled test set. Arrays are checked whole; of examples that are read one by one, names, headers and labels.
 *
 * @param location where it is and, where it can't be told, what it is.
 * @param openFolder opens a folder of inputs.
 * @throws PerimeterError `InvalidDataset`, one sentence that names the object; `NotFound`; and what the folder throws.
 */
export async function openDataset(
  location: DatasetLocation,
  openFolder: OpenFolder = openInputFolder,
): Promise<Dataset> {
  const { uri, images = AS_THEY_ARE, layout } = location;
  const { folder, base, objects, keys, format } = await find(location, openFolder);
  checkSuitable(location, format);
  const readUri = async (given: string): Promise<NamedBytes> => {
    const place = splitLocation(given);
    return { name: given, bytes: await openFolder(place.folder).read(place.key) };
  };
  const listed = (listing: Listing) => listedDataset({ folder, base, listing, images, name: uri });
  switch (format) {
    case 'image-folder': {
      const { labels } = location;
      const classes = location.classes === undefined ? undefined : parseClassNames(await readUri(location.classes));
      const place = { folder, name: uri, classes };
      if (labels !== undefined) return listed(await listLabelledImages(place, await readUri(labels)));
      return listed(listClassFolders(place, keys ?? (await folder.list())));
    }
    case 'webdataset':
      return listed(await listWebDataset(folder, objects));
    case 'parquet':
      return listed(await listParquet(folder, objects, location));
    case 'npz':
    case 'npy':
    case 'idx':
    case 'cifar10':
    case 'cifar100':
      break;
  }
  const [key] = objects;
  if (objects.length > 1) {
    throw new PerimeterError(
      'InvalidDataset',
      `${uri} stands for ${objects.length} files, but ${format} is read of one.`,
    );
  }
  const large = await listLargeArray({ folder, key, format, location });
  if (large !== undefined) return listed(large);
  const file = { name: base === 'parent' ? uri : folder.url(key), bytes: await folder.read(key) };
  const labels = location.labels === undefined ? file : await readUri(location.labels);
  switch (format) {
    case 'npz':
      return readNpz({ file, layout });
    case 'npy':
      return readNpyPair({ images: file, labels, layout });
    case 'idx':
      return readIdx({ images: file, labels, layout });
    case 'cifar10':
    case 'cifar100':
      return readCifarBinary({ file, variant: format });
  }
}

/** An array that isn't compressed and is too large to be held by every worker, as examples that are read one by one. */
async function listLargeArray({
  folder,
  key,
  format,
  location: { uri, labels = '', layout },
}: {
  folder: InputFolder;
  key: string;
  format: 'npz' | 'npy' | 'idx' | 'cifar10' | 'cifar100';
  location: DatasetLocation;
}): Promise<Listing | undefined> {
  const size = (await folder.head(key))?.size ?? 0;
  // Whether a zip file is compressed is told by its end: one that could be held is.
  if (format === 'npz') return size > MAX_IN_MEMORY_BYTES ? listNpz(folder, { file: key, layout }) : undefined;
  if (size <= MAX_HELD_BYTES || format === 'cifar10' || format === 'cifar100') return undefined;
  const head = await folder.read(key, { from: 0, to: 2 });
  if (isGzip(head)) return undefined;
  const place = splitLocation(labels);
  if (place.folder !== splitLocation(uri).folder) {
    throw new PerimeterError(
      'InvalidDataset',
      `${uri} has ${size} bytes and is read by parts: put its labels, ${labels}, into the same folder.`,
    );
  }
  const keys = { images: key, labels: place.key, layout };
  return format === 'npy' ? listNpy(folder, keys) : listIdx(folder, keys);
}

interface Found {
  readonly folder: InputFolder;
  /** Whether the folder is what the URI names, or the one that it lies in. */
  readonly base: Base;
  /** The objects that hold the examples; none where those are the folder's images. */
  readonly objects: readonly string[];
  /** Of everything in the folder, where that was listed. */
  readonly keys?: readonly string[];
  readonly format: DatasetFormat;
}

/** The folder that a dataset's keys are relative to. */
export function datasetFolder(uri: string, base: Base, openFolder: OpenFolder = openInputFolder): InputFolder {
  return openFolder(base === 'uri' ? uri : splitLocation(uri).folder);
}

async function find({ uri, labels, format }: DatasetLocation, openFolder: OpenFolder): Promise<Found> {
  const { folder: parentUri, key } = splitLocation(uri);
  const parent = openFolder(parentUri);
  const pattern = isPattern(key);
  const size = uri.endsWith('/') || pattern ? undefined : (await parent.head(key))?.size;
  if (size !== undefined || pattern) {
    const objects = pattern ? await objectNames(parent, key) : [key];
    return { folder: parent, base: 'parent', objects, format: format ?? (await formatOf(parent, objects[0], uri)) };
  }
  const folder = openFolder(uri);
  // With a labels file nothing has to be listed: it names the images.
  const listed = labels === undefined || (format !== undefined && format !== 'image-folder');
  const keys = await folder.list(listed ? {} : { atMost: 1 });
  if (keys.length === 0) throw new PerimeterError('NotFound', `There is no file or folder ${uri}, or it is empty.`);
  if (!listed) return { folder, base: 'uri', objects: [], format: 'image-folder' };
  const found = folderFormat(keys, format);
  if (found !== undefined) return { folder, base: 'uri', keys, ...found };
  throw new PerimeterError(
    'InvalidDataset',
    `${uri} holds no ${format ?? 'images (.jpg, .jpeg, .png, .webp), tar or Parquet files'}: one of its ${keys.length} objects is ${keys[0]}.`,
  );
}

async function formatOf(folder: InputFolder, key: string, uri: string): Promise<DatasetFormat> {
  const size = (await folder.head(key))?.size ?? 0;
  const head = await folder.read(key, { from: 0, to: Math.min(size, HEAD_BYTES) });
  const format = detectFormat(key, head, size);
  if (format !== undefined) return format;
  throw new PerimeterError(
    'InvalidDataset',
    `${uri} is no test set by its first bytes and its name: expected IDX (plain or gzip), NPZ, NPY, CIFAR binary, tar or Parquet, or a folder of images.`,
  );
}

/** @throws PerimeterError `InvalidRequest` where something is given that datasets of this format don't have, or lack. */
function checkSuitable(location: DatasetLocation, format: DatasetFormat): void {
  const { uri, labels, classes, images } = location;
  const refuse = (why: string) => new PerimeterError('InvalidDataset', `${uri} is read as ${format}, ${why}.`);
  if (labels === undefined && labelsOf[format] === 'needed') {
    throw refuse('which holds images alone: name the file of their labels too');
  }
  if (labels !== undefined && labelsOf[format] === 'none')
    throw refuse(`which holds its own labels: leave out ${labels}`);
  if (classes !== undefined && format !== 'image-folder') {
    throw refuse(`whose labels are class indices: leave out ${classes}`);
  }
  const isArray = !['image-folder', 'webdataset', 'parquet'].includes(format);
  if (isArray && images !== undefined && (images.resize !== null || images.crop !== null)) {
    throw refuse('which holds arrays: "resize" and "crop" are for image files');
  }
}
