import type { ModelPool } from '../classifier/model-pool.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { estimateExamples } from '../estimate-examples.ts';
import { claimNoiseKey } from '../claim-noise-key.ts';
import { isOfTheExample } from '../failure-reasons.ts';
import { readExamples } from '../read-examples.ts';
import { sha256Hex } from '../records/canonical-json.ts';
import type { Row } from '../records/certificate.ts';
import { mixesExamples, type Claim } from '../records/claim.ts';
import { selectExamples } from '../select-examples.ts';

/** Examples drawn together: enough to fill batches, few enough to keep in memory. */
const GROUP = 256;

/** Whether drawing an example anew must give its row. */
export function isReplayable({ status, reason }: Row): boolean {
  return status !== 'failed' || isOfTheExample(reason ?? '');
}

/**
 * The rows to replay: a share of those that can be, chosen by a seed, in the order of the run.
 *
 * @param share in (0, 1]; at least one row is chosen, where there is one.
 */
export function chooseRows(rows: readonly Row[], { share, seed }: { share: number; seed: string }): Row[] {
  const drawn = rows.filter(isReplayable);
  const rank = new Map(drawn.map((row) => [row, sha256Hex(JSON.stringify(['perimeter-replay', seed, row.index]))]));
  const rankOf = (row: Row) => rank.get(row) ?? '';
  const inOrder = [...drawn].sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  const chosen = new Set(inOrder.slice(0, Math.max(1, Math.round(share * drawn.length))));
  return drawn.filter((row) => chosen.has(row));
}

/**
 * Draws examples anew from the claim's seed, selection and estimation.
 *
 * @returns the row that each example gives here, in the order of `indices`.
 */
export async function replayExamples({
  claim,
  pool,
  dataset,
  indices,
  onProgress,
  signal,
}: {
  claim: Claim;
  pool: ModelPool;
  dataset: Dataset;
  indices: readonly number[];
  onProgress?: ((replayed: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}): Promise<Row[]> {
  const key = claimNoiseKey(claim);
  const replayed: Row[] = [];
  for (let first = 0; first < indices.length; first += GROUP) {
    const examples = await readExamples(dataset, indices.slice(first, first + GROUP), claim.noise);
    const drawing = { pool, key, mixed: mixesExamples(claim), examples, signal };
    const { selection } = await selectExamples(claim, drawing);
    const { rows } = await estimateExamples(claim, {
      ...drawing,
      selection,
      onProgress: (progress) => onProgress?.(first + progress().finished.length),
    });
    replayed.push(...rows);
    onProgress?.(replayed.length);
  }
  return replayed;
}
