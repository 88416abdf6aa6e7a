import { statSync } from 'node:fs';

/** Whether a path is that of a file that is there, not of a folder. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
