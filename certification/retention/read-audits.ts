import { readRecord } from '../audits/read-record.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { auditDateSchema, auditIndexSchema, auditSchema, type Outcome } from '../records/audit.ts';
import { auditKeys } from '../records/audit-keys.ts';
import type { Store } from '../storage/store.ts';

/** What an audit says of runs. */
export interface AuditedRuns {
  readonly date: string;
  readonly outcome: Outcome;
  /** Whose results are the audit's; of one that was skipped, the earlier audit's. */
  readonly run: string | null;
  /** The run that it was compared with. */
  readonly baseline: string | null;
}

/** A line's audits, by their dates. */
export interface LineOfAudits {
  readonly line: string;
  readonly audits: readonly AuditedRuns[];
}

/** Records that are read at once. */
const READ_AT_ONCE = 16;

/**
 * A reader of what the audits of a store say of its runs. Reading again looks for new audits and reads those alone: a
 * record is written once.
 *
 * @throws PerimeterError `InvalidRequest` where an index or a record can't be parsed; the store's own faults.
 */
export function auditReader(store: Store): () => Promise<LineOfAudits[]> {
  const known = new Map<string, AuditedRuns>();

  const recordOf = async (line: string, date: string): Promise<AuditedRuns | undefined> => {
    const key = auditKeys.audit(line, date);
    const read = known.get(key);
    if (read !== undefined) return read;
    const record = await readRecord(store, key, auditSchema);
    if (record === undefined) return undefined;
    const audit = { date, outcome: record.outcome, run: record.run, baseline: record.baseline?.run ?? null };
    // An error makes way for what comes later.
    if (audit.outcome !== 'error') known.set(key, audit);
    return audit;
  };

  const lineOf = async (line: string): Promise<LineOfAudits> => {
    const index = await readRecord(store, auditKeys.index(line), auditIndexSchema);
    const indexed = new Map(
      index?.audits.map(({ date, outcome, run }) => [date, { date, outcome, run, baseline: null }]),
    );
    // One that isn't in the index yet has its record already, or has it before long.
    const folders = await store.folders(auditKeys.line(line));
    const recorded = folders.filter((name) => auditDateSchema.safeParse(name).success);
    const dates = [...new Set([...indexed.keys(), ...recorded])].sort();
    const audits = await mapConcurrently(
      dates,
      READ_AT_ONCE,
      async (date) => (await recordOf(line, date)) ?? indexed.get(date),
    );
    return { line, audits: audits.filter((audit) => audit !== undefined) };
  };

  return async () => {
    const lines: LineOfAudits[] = [];
    for (const line of await store.folders(auditKeys.lines)) lines.push(await lineOf(line));
    return lines;
  };
}
