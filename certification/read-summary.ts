import { z } from 'zod';
import { latestGeneration } from './generations.ts';
import { manifestSchema, type Manifest } from './records/manifest.ts';
import { runKeys } from './records/run-keys.ts';
import { predictionSummarySchema, summarySchema, type AnySummary } from './records/summary.ts';
import type { Store } from './storage/store.ts';

const anySummary = z.discriminatedUnion('mode', [summarySchema, predictionSummarySchema]);

/**
 * A finished run's summary and manifest.
 *
 * @param generation of its results; by default the newest.
 * @throws PerimeterError `NotFound` where the run isn't finished.
 */
export async function readSummary(
  store: Store,
  run: string,
  generation?: number,
): Promise<{ summary: AnySummary; manifest: Manifest; generation: number }> {
  const json = async (key: string): Promise<unknown> => JSON.parse(new TextDecoder().decode(await store.get(key)));
  const which = generation ?? (await latestGeneration(store, run)) ?? 1;
  const manifest = manifestSchema.parse(await json(runKeys.manifest(run, which)));
  const summary = anySummary.parse(await json(runKeys.result(run, 'summary.json', which)));
  return { summary, manifest, generation: which };
}
