import { readFile } from 'node:fs/promises';
import { openDataset, type DatasetLocation } from '../../certification/datasets/open-dataset.ts';
import type { Dataset } from '../../certification/datasets/dataset.ts';

/** Reads a path below `files/`. */
export async function readTestFile(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(`files/${name}`, import.meta.url)));
}

/** Opens a dataset of `files/`. */
export function openTestDataset(location: DatasetLocation): Promise<Dataset> {
  return openDataset(location, readTestFile);
}

/** Opens a dataset whose files are bytes at hand. */
export function openBytes(location: DatasetLocation, files: Record<string, Uint8Array>): Promise<Dataset> {
  return openDataset(location, (name) => Promise.resolve(files[name]));
}
