import { isSuccessful, type IndexedAudit } from '../records/audit.ts';
import type { AuditAsked } from './audit-asked.ts';

/** The run that an audit is compared with, and the date of the audit that it is from; of a pinned run there is none. */
export interface ChosenBaseline {
  readonly run: string;
  readonly date?: string;
}

/**
 * The run that was pinned, or that of the line's last successful audit before this one.
 *
 * @param audits of the line, in the order of their dates.
 * @param run the audit's own, which it isn't compared with.
 */
export function chooseBaseline(
  audits: readonly IndexedAudit[],
  { date, baseline }: Pick<AuditAsked, 'date' | 'baseline'>,
  run: string,
): ChosenBaseline | undefined {
  if (baseline !== 'last') return baseline;
  const last = audits.filter(isSuccessful).findLast((each) => each.date < date && each.run !== run);
  return last && { run: last.run, date: last.skipped ?? last.date };
}
