import { parseShard } from '../read-rows.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { sha256Hex } from '../records/canonical-json.ts';
import { rowLine } from '../records/certificate.ts';
import type { Manifest } from '../records/manifest.ts';
import type { Plan } from '../records/plan.ts';
import type { Store } from '../storage/store.ts';
import { getIfThere } from './check-files.ts';
import { failed, noted, passed, type Check } from './check.ts';
import { shardFiles } from './shard-files.ts';

/**
 * Whether results in which failed examples were drawn again leave every other row as it was in the generation before.
 *
 * @param previous the manifest of that one; undefined where none was published.
 * @param files the files of this generation by key.
 */
export async function checkGeneration({
  folder,
  plan,
  manifest,
  previous,
  files,
}: {
  folder: Store;
  plan: Plan;
  manifest: Manifest;
  previous: Manifest | undefined;
  files: ReadonlyMap<string, Uint8Array>;
}): Promise<Check> {
  const name = 'generation';
  const generation = manifest.generation ?? 1;
  if (previous === undefined) return noted(name, `${generation}, and none was published before it`);
  const before = previous.generation ?? 1;
  const was = shardFiles(previous);
  let again = 0;
  try {
    for (const [shard, { key }] of shardFiles(manifest)) {
      const old = was.get(shard);
      if (old === undefined) return failed(name, `generation ${before} has no shard ${shard}`);
      if (old.key === key) continue;
      const stated = previous.objects.find((object) => object.key === old.key);
      const oldBytes = await getIfThere(folder, old.key);
      if (oldBytes === undefined || sha256Hex(oldBytes) !== stated?.sha256) {
        return failed(name, `${old.key} is missing, or not as generation ${before} states it`);
      }
      const oldRows = parseShard({ plan, shard, bytes: oldBytes, url: old.key });
      const rows = parseShard({ plan, shard, bytes: files.get(key) ?? new Uint8Array(), url: key });
      for (const [at, row] of rows.entries()) {
        if (rowLine(row) === rowLine(oldRows[at])) continue;
        if (oldRows[at].status !== 'failed') {
          return failed(name, `example ${row.index} had not failed in generation ${before}, and its row is another`);
        }
        again++;
      }
    }
  } catch (error) {
    if (error instanceof PerimeterError) return failed(name, error.message);
    throw error;
  }
  const examples = again === 1 ? '1 example that had failed was' : `${again} examples that had failed were`;
  return passed(name, `${generation}, after ${before}: ${examples} drawn again; every other row is as it was`);
}
