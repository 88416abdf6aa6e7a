import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A path as a file:// URI, relative to a folder; a URI as it is. */
export function absoluteLocation(location: string, folder: string): string {
  return /^[a-z0-9]+:\/\//i.test(location) ? location : pathToFileURL(resolve(folder, location)).href;
}
