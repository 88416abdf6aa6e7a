import type { DatasetFormat } from '../records/request.ts';
import { isIdx } from './idx.ts';
import { isImageKey } from './image-folder.ts';
import { isGzip } from './read-gzip.ts';
import { isZip } from './zip-members.ts';

/** So many bytes tell a format: a tar file has its mark behind the first name, at 257. */
export const HEAD_BYTES = 512;

/** What CIFAR's archives call the test sets that they unpack to. */
const CIFAR_TEST_SETS: Partial<Record<string, DatasetFormat>> = { 'test_batch.bin': 'cifar10', 'test.bin': 'cifar100' };

const names: readonly (readonly [RegExp, DatasetFormat])[] = [
  [/\.npz$/i, 'npz'],
  [/\.npy$/i, 'npy'],
  [/(\.idx|-ubyte)(\.gz)?$/i, 'idx'],
  [/\.tar$/i, 'webdataset'],
  [/\.parquet$/i, 'parquet'],
];

/**
 * The format of an object, by its first bytes, else by its name.
 *
 * @param size in bytes, of the whole object.
 */
export function detectFormat(name: string, head: Uint8Array, size: number): DatasetFormat | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (isZip(head)) return 'npz';
  if (text.startsWith('\x93NUMPY')) return 'npy';
  if (text.startsWith('PAR1')) return 'parquet';
  if (text.slice(257, 262) === 'ustar') return 'webdataset';
  if (isIdx(head) || isGzip(head)) return 'idx';
  const byName = names.find(([pattern]) => pattern.test(name));
  if (byName !== undefined) return byName[1];
  if (!/\.bin$/i.test(name)) return undefined;
  const testSet = CIFAR_TEST_SETS[name.slice(name.lastIndexOf('/') + 1)];
  // A label, or two, and 32×32 pixels of three colours.
  return testSet ?? (size % 3073 === 0 ? 'cifar10' : size % 3074 === 0 ? 'cifar100' : undefined);
}

/**
 * What lies in a folder: the format, and its objects in the order of their names; none where those are its images.
 *
 * @param wanted the format, where it is known.
 */
export function folderFormat(
  keys: readonly string[],
  wanted?: DatasetFormat,
): { readonly format: DatasetFormat; readonly objects: readonly string[] } | undefined {
  const fits = (format: DatasetFormat) => wanted === undefined || wanted === format;
  for (const key of keys) {
    const testSet = CIFAR_TEST_SETS[key];
    if (testSet !== undefined && fits(testSet)) return { format: testSet, objects: [key] };
  }
  for (const [pattern, format] of names) {
    if (!(format === 'webdataset' || format === 'parquet') || !fits(format)) continue;
    const objects = keys.filter((key) => pattern.test(key)).sort();
    if (objects.length > 0) return { format, objects };
  }
  return fits('image-folder') && keys.some(isImageKey) ? { format: 'image-folder', objects: [] } : undefined;
}
