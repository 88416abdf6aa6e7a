import { comparisonPage } from '../comparison/comparison-page.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { Audit } from '../records/audit.ts';
import { auditKeys } from '../records/audit-keys.ts';
import { recordBytes } from '../records/canonical-json.ts';
import { runFiles, runKeys } from '../records/run-keys.ts';
import type { Store } from '../storage/store.ts';
import { indexAudit, readAudit } from './audit-index.ts';
import { gatesDigest, type AuditAsked, type BegunAudit } from './begin-audit.ts';
import { judgeRun, type Judgement, type Results } from './judge-run.ts';

/** An audit whose run is done, or that came to nothing. */
export interface AuditDone {
  readonly asked: AuditAsked;
  /** Missing where its inputs couldn't be read. */
  readonly begun?: BegunAudit;
  /** Its run's newest results; missing where there are none. */
  readonly results?: { readonly run: string; readonly generation: number };
  /** Why it came to nothing. */
  readonly error?: string;
}

/**
 * Judges an audit and puts it down: its record, the page with the baseline beside it, and its place in the line's index.
 * Doing it again changes nothing: what was put down first holds.
 *
 * @param store where runs and audits are kept.
 */
export async function concludeAudit(store: Store, done: AuditDone): Promise<Audit> {
  const { line, date } = done.asked;
  const audit = (await readAudit(store, line, date)) ?? (await keepFirst(store, await makeAudit(store, done)));
  await indexAudit(store, audit, gatesDigest(done.asked));
  return audit;
}

async function makeAudit(store: Store, { asked, begun, results, error }: AuditDone): Promise<Audit> {
  const { line, date } = asked;
  const { model } = begun?.request ?? asked.request;
  const about = { version: 1, line, date } as const;
  const inputs = { model, audited: begun?.audited ?? null };
  if (error !== undefined || results === undefined || begun === undefined) {
    const reason = error ?? 'It left no results.';
    const nothing = { run: null, generation: null, gates: [], baseline: null, summary: null };
    return { ...about, outcome: 'error', reason, ...inputs, ...nothing };
  }
  const earlier = begun.same?.date === undefined ? undefined : await readAudit(store, line, begun.same.date);
  if (earlier !== undefined) return { ...earlier, ...about, ...inputs, skipped: earlier.date };
  const { audit, baseline } = await judgeRun(store, { asked, begun, results });
  if (baseline !== undefined) await keepPage(store, { key: auditKeys.report(line, date), results, baseline });
  return { ...about, ...audit };
}

/** Writes the run's page with its baseline beside it, unless another attempt did. */
async function keepPage(
  store: Store,
  { key, results, baseline }: { key: string; results: Results; baseline: NonNullable<Judgement['baseline']> },
): Promise<void> {
  if (await store.has(key)) return;
  const up = '../'.repeat(key.split('/').length - 1);
  const folder = `${up}${runKeys.folder(results.run)}/${runFiles.inGeneration('', results.generation)}`;
  const page = await comparisonPage({ store, ...results, baseline, results: folder });
  await store.putIfAbsent(key, page, { contentType: 'text/html; charset=utf-8' });
}

/** Writes an audit's record, unless another attempt did. */
async function keepFirst(store: Store, audit: Audit): Promise<Audit> {
  const { line, date } = audit;
  try {
    const contentType = 'application/json';
    await store.putIfAbsent(auditKeys.audit(line, date), recordBytes(audit), { contentType });
    return audit;
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code !== 'DeterminismViolation') throw error;
    return (await readAudit(store, line, date)) ?? audit;
  }
}
