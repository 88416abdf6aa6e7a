import { readRunResults } from '../comparison/read-run-results.ts';
import { requirePlan } from '../plan-run.ts';
import { readShards } from '../read-rows.ts';
import { readSummary } from '../read-summary.ts';
import type { Certificate } from '../records/certificate.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { cohenTsv } from '../report/cohen-tsv.ts';
import type { Sink } from '../report/table-writer.ts';
import type { Store } from '../storage/store.ts';
import { significantRadius } from './significant-radius.ts';

/** A finished run of CERTIFY that can be written in Cohen et al.'s columns. */
export interface CohenExport {
  readonly results: CertifiedResults;
  /** Writes all of it, by and by. */
  writeTo(write: Sink): Promise<void>;
}

/**
 * A run's newest results as `certify.py` of Cohen et al. prints them, with radii floored where it rounds, and no times. Of
 * examples without a certificate, failed and skipped ones too, it says an abstention.
 *
 * @throws PerimeterError `NotFound` where the run isn't finished; `InvalidRequest` where it is of PREDICT.
 */
export async function exportCohen(store: Store, run: string): Promise<CohenExport> {
  const plan = await requirePlan(store, run);
  const { generation } = await readSummary(store, run);
  const results = await readRunResults(store, run, generation);
  return {
    results,
    writeTo: async (write) => {
      const table = cohenTsv(write, significantRadius);
      for await (const { rows } of readShards({ store, plan, failedShards: [], generation })) {
        await table.add(rows as readonly Certificate[]);
      }
      await table.finish();
    },
  };
}
