import type { Store } from '../storage/store.ts';
import { readAuditIndex } from './audit-index.ts';
import type { AuditAsked } from './audit-asked.ts';

/** The run that an audit is compared with, and the date of the audit that it is from; of a pinned run there is none. */
export interface ChosenBaseline {
  readonly run: string;
  readonly date?: string;
}

/**
 * The run that was pinned, or that of the line's last successful audit before this one.
 *
 * @param run the audit's own, which it isn't compared with.
 */
export async function chooseBaseline(
  store: Store,
  { line, date, baseline }: Pick<AuditAsked, 'line' | 'date' | 'baseline'>,
  run: string,
): Promise<ChosenBaseline | undefined> {
  if (baseline !== 'last') return baseline;
  const { audits } = await readAuditIndex(store, line);
  const successful = audits.filter(({ outcome }) => outcome === 'passed' || outcome === 'undecided');
  const last = successful.findLast((each) => each.date < date && each.run !== null && each.run !== run);
  return last?.run ? { run: last.run, date: last.skipped ?? last.date } : undefined;
}
