import { readFileSync } from 'node:fs';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import type { ByteRange, InputFolder } from '../../certification/storage/input-folder.ts';

/** A folder of bytes at hand, which counts what is read of it. */
export interface BytesFolder extends InputFolder {
  readonly reads: { key: string; range: ByteRange | undefined }[];
}

/** @param files by their keys; those that aren't among them are read from `files/`. */
export function bytesFolder(files: Record<string, Uint8Array> = {}): BytesFolder {
  const reads: BytesFolder['reads'] = [];
  const find = (key: string): Uint8Array | undefined => {
    if (key in files) return files[key];
    try {
      return new Uint8Array(readFileSync(new URL(`files/${key}`, import.meta.url)));
    } catch {
      return undefined;
    }
  };
  return {
    reads,
    list: () => Promise.resolve(Object.keys(files)),
    head(key) {
      const bytes = find(key);
      return Promise.resolve(bytes && { size: bytes.length, modified: new Date(0) });
    },
    read(key, range) {
      const bytes = find(key);
      if (bytes === undefined) return Promise.reject(new PerimeterError('NotFound', `${key} isn't there.`));
      const { from, to } = range ?? { from: 0, to: bytes.length };
      if (!(0 <= from && from <= to && to <= bytes.length)) {
        return Promise.reject(new PerimeterError('InvalidDataset', `${key} has no bytes ${from} to ${to}.`));
      }
      reads.push({ key, range });
      return Promise.resolve(bytes.slice(from, to));
    },
    url: (key) => `test://${key}`,
  };
}
