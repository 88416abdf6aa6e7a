import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Listing } from '../../certification/datasets/listing.ts';
import type { Locator } from '../../certification/datasets/listing.ts';
import type { InputFolder } from '../../certification/storage/input-folder.ts';

/** What the tool that wrote a set read back. */
interface Expected {
  readonly classNames?: string[];
  readonly examples: { readonly label: number; readonly sha256: string }[];
}

/** @param set its name in `files/image-files.json`. */
export function expectedExamples(set: string): Expected {
  const url = new URL('files/image-files.json', import.meta.url);
  const { classNames, examples } = (JSON.parse(readFileSync(url, 'utf8')) as Record<string, Expected>)[set];
  return { ...(classNames && { classNames }), examples: examples.map(({ label, sha256 }) => ({ label, sha256 })) };
}

/** What a listing says, and what the bytes are that it locates. */
export async function listedExamples(
  listing: Listing,
  read: (locator: Locator) => Promise<Uint8Array>,
): Promise<Expected> {
  const examples: Expected['examples'] = [];
  for (let index = 0; index < listing.examples; index++) {
    const bytes = await read(listing.locate(index));
    examples.push({ label: listing.labels[index], sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return { ...(listing.classNames && { classNames: [...listing.classNames] }), examples };
}

/** Reads whole objects and ranges of them. */
export function readRange(folder: InputFolder): (locator: Locator) => Promise<Uint8Array> {
  return ({ key, range }) => folder.read(key, range && { from: range[0], to: range[1] });
}
