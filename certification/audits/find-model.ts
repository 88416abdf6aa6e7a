import { PerimeterError } from '../perimeter-error.ts';
import type { NewestBy } from '../records/audit-request.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { openInputFolder } from '../storage/open-input-folder.ts';

/** What marks a pre-release after a version's number; anything else there, such as `-fp16`, is a name of its own. */
const PRE_RELEASES = /(?<=\d)-(?=(?:alpha|beta|dev|pre|preview|rc|snapshot)(?![a-z]))/gi;
/** Stands for the hyphen that begins a pre-release; no path of a store has it. */
const PRE_RELEASE = '\0';

/**
 * The newest ONNX model under a prefix.
 *
 * @param prefix a folder: a path, file:// or s3://.
 * @returns its URI
 * @throws PerimeterError `NotFound` where there is none; the store's own faults.
 */
export async function findNewestModel(prefix: string, by: NewestBy): Promise<string> {
  const folder = openInputFolder(prefix);
  const models = (await folder.list()).filter((key) => /\.onnx$/i.test(key));
  if (models.length === 0) {
    throw new PerimeterError('NotFound', `There is no model under ${prefix}: expected a file that ends in .onnx.`);
  }
  const newest = by === 'version' ? models.sort(compareVersions)[models.length - 1] : await lastWritten(folder, models);
  return folder.url(newest);
}

/**
 * Compares paths with version numbers, folder by folder: runs of digits by their value, the rest by code units, so that
 * `v10/model.onnx` comes after `v9/model.onnx`, and `2026-11-27.onnx` after `2026-11-26.onnx`. A pre-release
 * comes before its version (Semantic Versioning 2.0.0, §11): `1.2-rc1` before `1.2`.
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [segments(one), segments(other)];
  return compareLists(a, b, (x, y) => compareLists(x, y, comparePart)) || compareText(one, other);
}

/** The parts of each folder's name, without the ending that all models share. */
function segments(path: string): string[][] {
  return path
    .replace(/\.onnx$/i, '')
    .split('/')
    .map((name) => name.replace(PRE_RELEASES, PRE_RELEASE).match(/\d+|\D/g) ?? []);
}

/** Where one list begins like the other, the longer comes later; but not where it goes on with a pre-release. */
function compareLists<T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = compare(a[at], b[at]);
    if (order !== 0) return order;
  }
  const order = a.length - b.length;
  return (order > 0 ? a[b.length] : b[a.length]) === PRE_RELEASE ? -order : order;
}

function comparePart(one: string, other: string): number {
  if (!/^\d/.test(one) || !/^\d/.test(other)) return compareText(rank(one), rank(other));
  const [a, b] = [BigInt(one), BigInt(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A pre-release before all else. */
function rank(part: string): string {
  return part === PRE_RELEASE ? '' : part;
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

async function lastWritten(folder: InputFolder, keys: readonly string[]): Promise<string> {
  let last: { key: string; at: number } | undefined;
  for (const key of keys) {
    const found = await folder.head(key);
    if (found === undefined) continue;
    const at = found.modified.getTime();
    // Of two of one moment the later version.
    if (last === undefined || at > last.at || (at === last.at && compareVersions(key, last.key) > 0))
      last = { key, at };
  }
  if (last === undefined) throw new PerimeterError('NotFound', `The models under ${folder.url(keys[0])} are gone.`);
  return last.key;
}
