import { parseGeneration, parseShardFile, runFiles, runKeys } from './records/run-keys.ts';
import type { Store } from './storage/store.ts';

/**
 * The generations of a run's results. The first is what a run publishes. Where examples of it failed and were drawn
 * again, the next one has their rows, and all that is made of rows; what stayed as it was it names where it lies.
 */
export interface Generations {
  /** Those that are published, in order. */
  readonly published: readonly number[];
  /** The last that was begun, at least 1. */
  readonly last: number;
  /** The last generation up to `upTo` that has rows of a shard of its own; 1, the run's, where no later one has. */
  readonly newestOf: (shard: number, upTo: number) => number;
}

/** Looks up which generations of a run are in its store. */
export async function readGenerations(store: Store, run: string): Promise<Generations> {
  const prefix = runKeys.generations(run).length - runFiles.generations.length;
  const files = (await store.list(runKeys.generations(run))).map((key) => key.slice(prefix));
  if (await store.has(runKeys.manifest(run))) files.push(runFiles.manifest);
  return generationsAmong(files);
}

/**
 * The generations that the files of a run are of.
 *
 * @param files by their names in the run's folder.
 */
export function generationsAmong(files: readonly string[]): Generations {
  const later = files.flatMap((file) => parseGeneration(file) ?? []);
  const published = later.filter(({ name }) => name === runFiles.manifest).map(({ generation }) => generation);
  if (files.includes(runFiles.manifest)) published.push(1);
  const rows = new Map<number, number[]>();
  for (const { shard, generation } of files.flatMap((file) => parseShardFile(file) ?? [])) {
    rows.set(shard, [...(rows.get(shard) ?? []), generation]);
  }
  return {
    published: published.sort((a, b) => a - b),
    last: Math.max(1, ...later.map(({ generation }) => generation)),
    newestOf: (shard, upTo) => Math.max(1, ...(rows.get(shard) ?? []).filter((generation) => generation <= upTo)),
  };
}

/** The newest generation of a run's results, or undefined where none is published. */
export async function latestGeneration(store: Store, run: string): Promise<number | undefined> {
  return (await readGenerations(store, run)).published.at(-1);
}
