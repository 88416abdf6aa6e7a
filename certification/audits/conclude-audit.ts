import { comparisonPage } from '../comparison/comparison-page.ts';
import { auditSchema, type Audit } from '../records/audit.ts';
import { auditKeys } from '../records/audit-keys.ts';
import { recordBytes } from '../records/canonical-json.ts';
import { runFiles, runKeys } from '../records/run-keys.ts';
import type { Store } from '../storage/store.ts';
import { readAudit } from './audit-index.ts';
import { askedDigest, type AuditAsked } from './audit-asked.ts';
import type { BegunAudit } from './begin-audit.ts';
import { parseRecord } from './read-record.ts';
import { judgeRun, type Judgement, type Results } from './judge-run.ts';

/** An audit whose run is done, or that came to nothing. */
export interface AuditDone {
  readonly asked: AuditAsked;
  /** Missing where its inputs couldn't be read. */
  readonly begun?: BegunAudit;
  /** Its run, once it was begun. */
  readonly run?: string;
  /** Of its run's newest results; missing where there are none. */
  readonly generation?: number;
  /** Why it came to nothing. */
  readonly error?: string;
}

/**
 * Judges an audit and puts it down: its record, and the page with the baseline beside it. Doing it again changes nothing: what
 * was put down first holds, unless that was an error.
 *
 * @param store where runs and audits are kept.
 */
export async function concludeAudit(store: Store, done: AuditDone): Promise<Audit> {
  const { line, date } = done.asked;
  const there = await readAudit(store, line, date);
  return makesWay(there) ? keep(store, await makeAudit(store, done)) : there;
}

async function makeAudit(store: Store, { asked, begun, run, generation, error }: AuditDone): Promise<Audit> {
  const { line, date } = asked;
  const { model } = begun?.request ?? asked.request;
  const about = { version: 1, line, date } as const;
  const inputs = { model, audited: begun?.audited ?? null };
  if (error !== undefined || begun === undefined || run === undefined || generation === undefined) {
    const reason = error ?? 'It left no results.';
    const nothing = { generation: null, gates: [], asked: askedDigest(asked), baseline: null, summary: null };
    return { ...about, outcome: 'error', reason, ...inputs, run: run ?? null, ...nothing };
  }
  const results = { run, generation };
  const earlier = begun.same?.date === undefined ? undefined : await readAudit(store, line, begun.same.date);
  if (earlier !== undefined) return { ...earlier, ...about, ...inputs, skipped: earlier.date };
  const { audit, baseline } = await judgeRun(store, { asked, begun, results });
  if (baseline !== undefined) await keepPage(store, { key: auditKeys.report(line, date), results, baseline });
  return { ...about, ...audit };
}

/** Writes the run's page with its baseline beside it. */
async function keepPage(
  store: Store,
  { key, results, baseline }: { key: string; results: Results; baseline: NonNullable<Judgement['baseline']> },
): Promise<void> {
  const up = '../'.repeat(key.split('/').length - 1);
  const folder = `${up}${runKeys.folder(results.run)}/${runFiles.inGeneration('', results.generation)}`;
  const page = await comparisonPage({ store, ...results, baseline, results: folder });
  await store.update(key, () => page, { contentType: 'text/html; charset=utf-8' });
}

/** Whether what was put down of an audit, if anything, makes way for another attempt of its date. */
function makesWay(there: Audit | undefined): there is undefined | (Audit & { outcome: 'error' }) {
  return there === undefined || there.outcome === 'error';
}

/** Writes an audit's record, unless another attempt put down what it found. */
async function keep(store: Store, audit: Audit): Promise<Audit> {
  const { line, date } = audit;
  const key = auditKeys.audit(line, date);
  let kept = audit;
  const replaceError = (bytes: Uint8Array | undefined) => {
    const there = bytes && parseRecord(bytes, { schema: auditSchema, url: store.url(key) });
    if (bytes !== undefined && !makesWay(there)) {
      kept = there;
      return bytes;
    }
    kept = audit;
    return recordBytes(audit);
  };
  await store.update(key, replaceError, { contentType: 'application/json' });
  return kept;
}
