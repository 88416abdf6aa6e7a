import { PerimeterError } from '../perimeter-error.ts';
import { shardBytes } from '../put-rows.ts';
import { parseShard } from '../read-rows.ts';
import { rowLine, type Row } from '../records/certificate.ts';
import type { Plan } from '../records/plan.ts';
import { firstDifference } from '../records/first-difference.ts';
import { runFiles } from '../records/run-keys.ts';
import { failed, passed, type Check } from './check.ts';
import { remakeRow } from './remake-row.ts';

/**
 * Recomputes every row from its own counts: status, radius, bounds, decisions; and whether no more of them failed than the request allows.
 *
 * @param files the run's files by key.
 * @param shardKeys the keys of those that hold the rows, by shard.
 * @param movedOf how far an example was moved to its lattice point, by its index.
 * @returns with the rows, where all shards could be read.
 */
export async function checkCertificates({
  plan,
  files,
  shardKeys,
  movedOf,
}: {
  plan: Plan;
  files: ReadonlyMap<string, Uint8Array>;
  shardKeys: ReadonlyMap<number, { key: string }>;
  movedOf: (index: number) => Promise<number>;
}): Promise<{ check: Check; rows: Row[] | undefined }> {
  const rows: Row[] = [];
  const faults: string[] = [];
  for (let shard = 0; shard < plan.execution.shards; shard++) {
    const key = shardKeys.get(shard)?.key ?? runFiles.shard(shard);
    const bytes = files.get(key);
    if (bytes === undefined) return { check: failed('certificates', `${key} can't be read`), rows: undefined };
    let own: Row[];
    try {
      own = parseShard({ plan, shard, bytes, url: key });
    } catch (error) {
      if (!(error instanceof PerimeterError)) throw error;
      return { check: failed('certificates', error.message), rows: undefined };
    }
    for (const row of own) {
      const remade = remakeRow({ claim: plan.claim, row, moved: await movedOf(row.index) });
      if (remade === undefined) faults.push(`example ${row.index} has counts that no samples give`);
      else if (rowLine(remade) !== rowLine(row))
        faults.push(firstDifference({ ...row }, { ...remade }, `example ${row.index}`) ?? 'fields');
    }
    if (Buffer.compare(shardBytes(own), bytes) !== 0) {
      faults.push(`${key} is spelt otherwise`);
    }
    for (const row of own) rows.push(row);
  }
  const gaveUp = rows.filter(({ status }) => status === 'failed').length;
  if (gaveUp > plan.request.maxFailedShare * rows.length) {
    faults.push(`${gaveUp} of ${rows.length} examples failed, more than the request allows`);
  }
  if (faults.length > 0) {
    const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
    return { check: failed('certificates', `${faults[0]}${more}`), rows };
  }
  return { check: passed('certificates', `${rows.length} rows, each recomputed from its counts`), rows };
}
