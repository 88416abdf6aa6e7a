import { auditIndexSchema, auditSchema, type Audit, type AuditIndex, type IndexedAudit } from '../records/audit.ts';
import { auditKeys } from '../records/audit-keys.ts';
import { recordBytes } from '../records/canonical-json.ts';
import type { Store } from '../storage/store.ts';
import { parseRecord, readRecord } from './read-record.ts';

/**
 * The audits of a line, in the order of their dates; none where it has had none.
 *
 * @throws PerimeterError `InvalidRequest` where the index is no such record; the store's own faults.
 */
export async function readAuditIndex(store: Store, line: string): Promise<AuditIndex> {
  return (await readRecord(store, auditKeys.index(line), auditIndexSchema)) ?? emptyIndex(line);
}

/** An audit's record, or undefined where there is none. @throws as `readAuditIndex`. */
export function readAudit(store: Store, line: string, date: string): Promise<Audit | undefined> {
  return readRecord(store, auditKeys.audit(line, date), auditSchema);
}

/** Puts an audit into its line's index, where it isn't yet; audits that end at once all find their place. */
export async function indexAudit(store: Store, audit: Audit): Promise<void> {
  const { line, date, outcome, reason, skipped, model, audited, run, generation, summary, asked } = audit;
  const about = { date, outcome, reason, ...(skipped !== undefined && { skipped }) };
  const entry: IndexedAudit = { ...about, model, audited, run, generation, summary, asked };
  const key = auditKeys.index(line);
  const add = (bytes: Uint8Array | undefined) => {
    const there = bytes && parseRecord(bytes, { schema: auditIndexSchema, url: store.url(key) });
    const index = there ?? emptyIndex(line);
    const others = index.audits.filter((each) => each.date !== date);
    const audits = [...others, entry].sort((a, b) => (a.date < b.date ? -1 : 1));
    return recordBytes({ ...index, audits });
  };
  await store.update(key, add, { contentType: 'application/json' });
}

function emptyIndex(line: string): AuditIndex {
  return { version: 1, line, audits: [] };
}
