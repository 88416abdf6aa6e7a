import { readAudit, readAuditIndex } from '../../certification/audits/audit-index.ts';
import { mapConcurrently } from '../../certification/map-concurrently.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { auditKeys } from '../../certification/records/audit-keys.ts';
import { auditDateSchema, lineSchema, type AuditIndex, type GateResult } from '../../certification/records/audit.ts';
import type { Store } from '../../certification/storage/store.ts';
import { pageOf, type Page } from './page-of.ts';

/** Lines of a page: the index of each is read. */
const LINES_A_PAGE = 25;
const READ_AT_ONCE = 8;
/** Gates of a line change rarely; of more than so many changes the newest are shown. */
const MOST_GATES = 12;

/** A line in a list: its audits, or why they can't be read. */
export type ListedLine =
  | { readonly line: string; readonly audits: AuditIndex['audits'] }
  | { readonly line: string; readonly problem: string };

/** Whether a text can be a line's name; only then is a store asked for it. */
export function isLine(text: string): boolean {
  return lineSchema.safeParse(text).success;
}

/** Whether a text can be an audit's date. */
export function isAuditDate(text: string): boolean {
  return auditDateSchema.safeParse(text).success;
}

/** A page of a store's lines, by name. */
export async function listLines(store: Store, page: number): Promise<Page<ListedLine>> {
  const names = (await store.folders(auditKeys.lines)).filter(isLine);
  const { items, ...rest } = pageOf(names, { page, size: LINES_A_PAGE });
  const lines = await mapConcurrently(items, READ_AT_ONCE, (line) => listedLine(store, line));
  return { ...rest, items: lines };
}

async function listedLine(store: Store, line: string): Promise<ListedLine> {
  try {
    return { line, audits: (await readAuditIndex(store, line)).audits };
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code !== 'InvalidRequest') throw error;
    return { line, problem: error.message };
  }
}

/**
 * The gates of some audits by their digest, each as its newest audit with figures found them: a line's file asks the same
 * of many nights, and so few audits are read for it.
 */
export async function readGates(
  store: Store,
  { line, audits }: Pick<AuditIndex, 'line' | 'audits'>,
): Promise<Map<string, readonly GateResult[]>> {
  const dates = new Map<string, string>();
  for (const { asked, date, summary } of audits) {
    if (summary === null) continue;
    // So that the newest come last.
    dates.delete(asked);
    dates.set(asked, date);
  }
  const read = await mapConcurrently([...dates].slice(-MOST_GATES), READ_AT_ONCE, async ([digest, date]) => {
    const audit = await readAudit(store, line, date);
    return [digest, audit?.gates ?? []] as const;
  });
  return new Map(read);
}
