import { PerimeterError } from '../perimeter-error.ts';
import { auditIndexSchema, auditSchema, type Audit, type AuditIndex, type IndexedAudit } from '../records/audit.ts';
import { auditKeys } from '../records/audit-keys.ts';
import { recordBytes } from '../records/canonical-json.ts';
import type { Store } from '../storage/store.ts';

/**
 * The audits of a line, in the order of their dates; none where it has had none.
 *
 * @throws PerimeterError `InvalidConfiguration` where the index is no such record.
 */
export async function readAuditIndex(store: Store, line: string): Promise<AuditIndex> {
  const key = auditKeys.index(line);
  return parseIndex({ line, url: store.url(key), bytes: await bytesIfThere(store, key) });
}

/** An audit's record, or undefined where there is none. @throws as `readAuditIndex`. */
export async function readAudit(store: Store, line: string, date: string): Promise<Audit | undefined> {
  const key = auditKeys.audit(line, date);
  const bytes = await bytesIfThere(store, key);
  return bytes && parse(auditSchema, store.url(key), bytes);
}

/** Puts an audit into its line's index, where it isn't yet; audits that end at once all find their place. */
export async function indexAudit(store: Store, audit: Audit, gates: string): Promise<void> {
  const { line, date, outcome, reason, skipped, model, audited, run, generation, summary } = audit;
  const about = { date, outcome, reason, ...(skipped !== undefined && { skipped }) };
  const entry: IndexedAudit = { ...about, model, audited, run, generation, summary, gates };
  const key = auditKeys.index(line);
  const add = (bytes: Uint8Array | undefined) => {
    const index = parseIndex({ line, url: store.url(key), bytes });
    const others = index.audits.filter((each) => each.date !== date);
    const audits = [...others, entry].sort((a, b) => (a.date < b.date ? -1 : 1));
    return recordBytes({ ...index, audits });
  };
  await store.update(key, add, { contentType: 'application/json' });
}

function parseIndex({ line, url, bytes }: { line: string; url: string; bytes: Uint8Array | undefined }): AuditIndex {
  return bytes === undefined ? { version: 1, line, audits: [] } : parse(auditIndexSchema, url, bytes);
}

function parse<T>(schema: { parse: (value: unknown) => T }, url: string, bytes: Uint8Array): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new PerimeterError(
      'InvalidConfiguration',
      `${url} is no record of audits as this version writes them: move it away, or put back what was there.`,
      { cause },
    );
  }
}

async function bytesIfThere(store: Store, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof PerimeterError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
