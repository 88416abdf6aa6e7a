import type { Manifest } from '../records/manifest.ts';
import { parseShardFile } from '../records/run-keys.ts';

/** The files that a manifest names for shards, by shard. */
export function shardFiles({ objects }: Pick<Manifest, 'objects'>): Map<number, { key: string; generation: number }> {
  const files = objects.map(({ key }) => ({ key, of: parseShardFile(key) }));
  return new Map(files.flatMap(({ key, of }) => (of ? [[of.shard, { key, generation: of.generation }]] : [])));
}
