import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '../../certification/datasets/dataset.ts';
import { openDataset, type DatasetLocation } from '../../certification/datasets/open-dataset.ts';
import { openInputFolder } from '../../certification/storage/open-input-folder.ts';
import { bytesFolder } from './bytes-folder.ts';

const files = fileURLToPath(new URL('files/', import.meta.url));

/** Reads a path below `files/`. */
export async function readTestFile(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(`${files}${name}`));
}

/** Opens a dataset of `files/`. */
export function openTestDataset(location: DatasetLocation): Promise<Dataset> {
  return openDataset(location, (uri) => openInputFolder(`${files}${uri}`));
}

/** Opens a dataset whose files are bytes at hand, by name. */
export function openBytes(location: DatasetLocation, objects: Record<string, Uint8Array>): Promise<Dataset> {
  return openDataset(location, () => bytesFolder(objects));
}
