import { sha256Hex } from '../records/canonical-json.ts';
import type { Manifest } from '../records/manifest.ts';
import { manifestGeneration, parseShardFile, runFiles } from '../records/run-keys.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { Store } from '../storage/store.ts';
import { failed, noted, passed, type Check } from './check.ts';
import { parseManifest } from './parse-manifest.ts';
import { shardFiles } from './shard-files.ts';

/**
 * Size and SHA-256 of every file that a manifest names, and whether others lie beside them. Only files that are listed in the folder are
 * read, so that neither a key nor a link leads out of it.
 *
 * @param folder the run's own folder as a store.
 * @returns with the bytes of those that are as stated, by key, and the manifest of the generation of results before.
 */
export async function checkFiles(
  folder: Store,
  { objects, generation = 1 }: Manifest,
): Promise<{ check: Check; files: Map<string, Uint8Array>; previous: Manifest | undefined }> {
  const there = await folder.list('');
  const listed = new Set(there);
  const files = new Map<string, Uint8Array>();
  const faults: string[] = [];
  for (const { key, size, sha256 } of objects) {
    const bytes = listed.has(key) ? await getIfThere(folder, key) : undefined;
    if (bytes === undefined) faults.push(`${key} is missing, or a link`);
    else if (bytes.length !== size) faults.push(`${key} has ${bytes.length} bytes, not ${size}`);
    else if (sha256Hex(bytes) !== sha256) faults.push(`${key} has another SHA-256`);
    else files.set(key, bytes);
  }
  const earlier = earlierManifests(objects, generation, files);
  const previous = earlier.at(0);
  const named = new Set([...objects, ...earlier.flatMap((manifest) => manifest.objects)].map(({ key }) => key));
  for (const each of [generation, ...earlier.map((manifest) => manifest.generation ?? 1)]) {
    named.add(runFiles.inGeneration(runFiles.manifest, each)).add(runFiles.inGeneration(runFiles.signature, each));
  }
  const strangers = there.filter((key) => !named.has(key));
  // Whoever reads all shards would take its rows for the run's.
  const shardsOf = shardFiles({ objects });
  const misleading = strangers.filter((key) => {
    const of = parseShardFile(key);
    if (of === undefined) return false;
    const used = shardsOf.get(of.shard)?.generation;
    return of.generation <= generation && (used === undefined || of.generation > used);
  });
  faults.push(...misleading.map((key) => `${key} is not in the manifest`));
  if (faults.length > 0) {
    const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`;
    return { check: failed('files', `${faults[0]}${more} of ${objects.length} files`), files, previous };
  }
  const stated = `${objects.length} files as the manifest states them`;
  if (strangers.length === 0) return { check: passed('files', stated), files, previous };
  const more = strangers.length === 1 ? '' : ` and ${strangers.length - 1} more`;
  return { check: noted('files', `${stated}; ${strangers[0]}${more} it doesn't name`), files, previous };
}

/** The manifests of the generations before, the newest first. What they name is for the checks of those generations. */
function earlierManifests(
  objects: Manifest['objects'],
  generation: number,
  files: ReadonlyMap<string, Uint8Array>,
): Manifest[] {
  const found = objects.flatMap(({ key }) => {
    const earlier = manifestGeneration(key);
    return earlier !== undefined && earlier < generation ? [{ key, earlier }] : [];
  });
  return found
    .sort((a, b) => b.earlier - a.earlier)
    .flatMap(({ key, earlier }) => {
      const bytes = files.get(key);
      const manifest = bytes && parseManifest(bytes, earlier);
      return manifest === undefined ? [] : [manifest];
    });
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
