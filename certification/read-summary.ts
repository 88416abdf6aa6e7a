import { z, type ZodType } from 'zod';
import { latestGeneration } from './generations.ts';
import { PerimeterError } from './perimeter-error.ts';
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
  const read = async <Record>(key: string, schema: ZodType<Record>): Promise<Record> => {
    const bytes = await store.get(key);
    try {
      return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (cause) {
      const sentence = `${store.url(key)} can't be read: it was changed, or written by another version.`;
      throw new PerimeterError('InvalidRequest', sentence, { cause });
    }
  };
  const which = generation ?? (await latestGeneration(store, run)) ?? 1;
  const manifest = await read(runKeys.manifest(run, which), manifestSchema);
  const summary = await read(runKeys.result(run, 'summary.json', which), anySummary);
  return { summary, manifest, generation: which };
}
