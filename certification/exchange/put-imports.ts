import { PerimeterError } from '../perimeter-error.ts';
import { sha256Hex } from '../records/canonical-json.ts';
import { runFiles } from '../records/run-keys.ts';
import type { Store } from '../storage/store.ts';
import type { ImportDocument } from './import-documents.ts';

/**
 * Writes the documents of imports, those of each file into a folder that is named as the file is, with as much of its path
 * as tells it from the others.
 *
 * @returns the keys of the pages.
 * @throws PerimeterError `InvalidRequest` where other documents are there.
 */
export async function putImports(
  store: Store,
  imports: readonly { readonly file: string; readonly documents: readonly ImportDocument[] }[],
): Promise<string[]> {
  const folders = folderNames(imports.map(({ file }) => file));
  const objects = imports.flatMap(({ file, documents }, at) =>
    documents.map(({ name, ...document }) => ({ ...document, file, name, key: `${folders[at]}/${name}` })),
  );
  // All before the first is written.
  for (const { key, bytes, file } of objects) {
    if ((await store.has(key)) && (await store.digest(key)).sha256 !== sha256Hex(bytes)) {
      throw new PerimeterError(
        'InvalidRequest',
        `${store.url(key)} is there already, and not what ${file} gives: remove it, or choose another --out.`,
      );
    }
  }
  for (const { key, bytes, contentType } of objects) await store.putIfAbsent(key, bytes, { contentType });
  return objects.filter(({ name }) => name === runFiles.page).map(({ key }) => key);
}

/** The paths of files without the folders that all of them have in common. */
function folderNames(files: readonly string[]): string[] {
  const paths = files.map((file) => file.split(/[/\\]+/).filter((part) => !['', '.', '..'].includes(part)));
  const shortest = Math.min(...paths.map(({ length }) => length));
  let common = 0;
  while (common < shortest - 1 && paths.every((path) => path[common] === paths[0][common])) common += 1;
  return paths.map((path) => path.slice(common).join('/'));
}
