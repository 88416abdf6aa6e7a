import { z } from 'zod';
import { manifestGeneration, parseGeneration, runFiles, runKeys } from '../records/run-keys.ts';
import { getIfThere } from '../storage/get-if-there.ts';
import type { Store, StoredObject } from '../storage/store.ts';

/** What is in a run's folder, as far as it decides whether the run stays. */
export interface RunTraces {
  readonly run: string;
  readonly objects: readonly StoredObject[];
  /** Of all objects together. */
  readonly bytes: number;
  /** Whether anything shows that the folder is a run's: its commitment or its plan. */
  readonly isRun: boolean;
  /** Whether results are published. */
  readonly finished: boolean;
  /** Whether any generation of its results is signed. */
  readonly signed: boolean;
  /** When it was last written to: by the store's clock, or by what the run says itself where that is later. */
  readonly lastWritten: Date;
}

/** Times that the records of a run state: `metrics.json` when it was finished, `plan.json` when it was made. */
const statedTimes = z.union([
  z.object({ finishedAt: z.string() }).transform(({ finishedAt }) => finishedAt),
  z.object({ execution: z.object({ createdAt: z.string() }) }).transform(({ execution }) => execution.createdAt),
]);

/** What there is of a run, or undefined where its folder holds nothing. */
export async function traceRun(store: Store, run: string): Promise<RunTraces | undefined> {
  const prefix = `${runKeys.folder(run)}/`;
  const objects = await store.entries(prefix);
  if (objects.length === 0) return undefined;
  const files = objects.map(({ key }) => key.slice(prefix.length));
  const isOf = (file: string, name: string) => file === name || parseGeneration(file)?.name === name;
  const dated = files.filter((file) => file === runFiles.plan || isOf(file, runFiles.metrics));
  const stated = await Promise.all(dated.map((file) => statedTime(store, prefix + file)));
  const times = [
    ...objects.map(({ writtenAt }) => writtenAt.getTime()),
    ...stated.filter((time) => time !== undefined),
  ];
  return {
    run,
    objects,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    isRun: files.includes(runFiles.plan) || files.includes(runFiles.commitment),
    finished: files.some((file) => manifestGeneration(file) !== undefined),
    signed: files.some((file) => isOf(file, runFiles.signature)),
    lastWritten: new Date(times.reduce((latest, time) => Math.max(latest, time), -Infinity)),
  };
}

/** The time in a record, in milliseconds; undefined where it has none that can be read, or is gone meanwhile. */
async function statedTime(store: Store, key: string): Promise<number | undefined> {
  const bytes = await getIfThere(store, key);
  if (bytes === undefined) return undefined;
  try {
    const time = Date.parse(statedTimes.parse(JSON.parse(new TextDecoder().decode(bytes))));
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
}
