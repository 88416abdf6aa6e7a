import { PerimeterError } from '../perimeter-error.ts';

/** Faults of a disk that stay until someone acts, each with what to do. */
const refusals: Partial<Record<string, string>> = {
  EACCES: 'permission denied: let this user do it, or choose another place',
  EPERM: 'the operation is not permitted there: let this user do it, or choose another place',
  EROFS: 'the file system is read-only: choose another place',
  ENOTDIR: 'a part of its path is a file: choose another place',
  EEXIST: 'a part of its path is a file: choose another place',
  EISDIR: 'it is a folder: expected a file',
  ELOOP: 'its path has too many symbolic links',
  ENAMETOOLONG: 'a name in its path is too long for the file system',
  ENOTSUP: 'the file system has no hard links, which a store needs for writing an object once: choose another place',
  EOPNOTSUPP: 'the file system has no hard links, which a store needs for writing an object once: choose another place',
  ENOSYS: 'the file system has no hard links, which a store needs for writing an object once: choose another place',
};

/** Want of room, which others may make: worth another try. */
const shortages: Partial<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's share of the disk is full",
  EFBIG: 'the file would be larger than its limit allows (ulimit -f, or the file system)',
};

/** The `code` of a file system error, or undefined for anything else. */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a path answers with where no object is: nothing there, or a file where a folder would have to be. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

/** Whether a file system error says that nothing is at a path. */
export function isAbsence(error: unknown): boolean {
  return ABSENT.includes(fileErrorCode(error) ?? '');
}

/**
 * A file system error as a sentence.
 *
 * @param error what was thrown
 * @param doing what was tried, e.g. `reading /data/model.onnx`
 */
export function fileError(error: unknown, doing: string): PerimeterError {
  if (error instanceof PerimeterError) return error;
  const code = fileErrorCode(error);
  const reason = code === undefined ? undefined : refusals[code];
  if (reason !== undefined) {
    return new PerimeterError('StoreRefused', `The store refused ${doing}: ${reason}.`, { cause: error });
  }
  const said =
    (code === undefined ? undefined : shortages[code]) ?? (error instanceof Error ? error.message : String(error));
  return new PerimeterError('StoreUnavailable', `The store failed at ${doing}: ${said}.`, { cause: error });
}
