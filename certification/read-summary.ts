import { z } from 'zod';
import { manifestSchema, type Manifest } from './records/manifest.ts';
import { runKeys } from './records/run-keys.ts';
import { predictionSummarySchema, summarySchema, type AnySummary } from './records/summary.ts';
import type { Store } from './storage/store.ts';

const anySummary = z.discriminatedUnion('mode', [summarySchema, predictionSummarySchema]);

/** A finished run's summary and manifest. @throws PerimeterError `NotFound` where the run isn't finished. */
export async function readSummary(store: Store, run: string): Promise<{ summary: AnySummary; manifest: Manifest }> {
  const json = async (key: string): Promise<unknown> => JSON.parse(new TextDecoder().decode(await store.get(key)));
  const manifest = manifestSchema.parse(await json(runKeys.manifest(run)));
  const summary = anySummary.parse(await json(runKeys.result(run, 'summary.json')));
  return { summary, manifest };
}
