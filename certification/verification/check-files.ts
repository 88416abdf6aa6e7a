import { sha256Hex } from '../records/canonical-json.ts';
import type { Manifest } from '../records/manifest.ts';
import { runFiles } from '../records/run-keys.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { Store } from '../storage/store.ts';
import { failed, passed, type Check } from './check.ts';

/**
 * Size and SHA-256 of every file that a manifest names.
 *
 * @param folder the run's own folder as a store.
 * @returns with the bytes of those that are as stated, by key.
 */
export async function checkFiles(
  folder: Store,
  { objects }: Manifest,
): Promise<{ check: Check; files: Map<string, Uint8Array> }> {
  const files = new Map<string, Uint8Array>();
  const faults: string[] = [];
  for (const { key, size, sha256 } of objects) {
    const bytes = await getIfThere(folder, key);
    if (bytes === undefined) faults.push(`${key} is missing`);
    else if (bytes.length !== size) faults.push(`${key} has ${bytes.length} bytes, not ${size}`);
    else if (sha256Hex(bytes) !== sha256) faults.push(`${key} has another SHA-256`);
    else files.set(key, bytes);
  }
  if (faults.length > 0) {
    const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`;
    return { check: failed('files', `${faults[0]}${more} of ${objects.length} files`), files };
  }
  const named = new Set([...objects.map(({ key }) => key), runFiles.manifest, runFiles.signature]);
  const others = (await folder.list('')).filter((key) => !named.has(key));
  const strangers = others.length === 0 ? '' : `; the manifest doesn't name ${others.join(', ')}`;
  return { check: passed('files', `${objects.length} files as the manifest states them${strangers}`), files };
}

/** An object's bytes, or undefined where there is none. */
export async function getIfThere(store: Store, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof PerimeterError && (error.code === 'NotFound' || error.code === 'InvalidRequest'))
      return undefined;
    throw error;
  }
}
