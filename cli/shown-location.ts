import { fileURLToPath } from 'node:url';

/** A location as people type it: a path of this machine without its `file://`. */
export function shownLocation(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : url;
}
