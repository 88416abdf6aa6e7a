import type { Audit } from '../certification/records/audit.ts';
import { auditIsoTime, auditKeys } from '../certification/records/audit-keys.ts';
import { runKeys } from '../certification/records/run-keys.ts';
import type { Store } from '../certification/storage/store.ts';

/** What is told of an audit, in the form of Standard Webhooks (standardwebhooks.com), with a text for people beside it. */
export interface AuditEvent {
  readonly type: `audit.${Audit['outcome']}`;
  /** The scheduled time, ISO 8601. */
  readonly timestamp: string;
  /** One line, as Slack and others show it. */
  readonly text: string;
  readonly data: Pick<
    Audit,
    'line' | 'date' | 'outcome' | 'reason' | 'model' | 'audited' | 'run' | 'gates' | 'baseline' | 'summary'
  > & {
    /** Where its record is, and its run. */
    readonly audit: string;
    readonly results: string | null;
    /** Its page on `perimeter serve`, where one is named. */
    readonly page: string | null;
  };
}

/**
 * What is told of an audit: a function of its record.
 *
 * @param pages where `perimeter serve` is, without a slash at the end.
 */
export function auditEvent(store: Store, audit: Audit, pages?: string): AuditEvent {
  const { line, date, outcome, reason, model, audited, run, gates, baseline, summary } = audit;
  const page = pages === undefined ? null : `${pages}/audits/${line}/${date}`;
  const url = store.url(auditKeys.audit(line, date));
  const day = date.slice(0, 10);
  return {
    type: `audit.${outcome}`,
    timestamp: auditIsoTime(date),
    text: `Perimeter: ${line} ${SAID[outcome]} on ${day}. ${reason} ${page ?? url}`.replace(/\s+/g, ' '),
    data: {
      ...{ line, date, outcome, reason, model, audited, run, gates, baseline, summary },
      audit: url,
      results: run === null ? null : store.url(runKeys.folder(run)),
      page,
    },
  };
}

const SAID: Record<Audit['outcome'], string> = {
  passed: 'passed',
  failed: 'failed',
  undecided: 'could not be decided',
  error: 'ended with an error',
};
