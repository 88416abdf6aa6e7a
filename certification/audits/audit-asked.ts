import type { Gates } from '../records/audit.ts';
import type { BaselineChoice, NewestBy } from '../records/audit-request.ts';
import { jsonDigest } from '../records/canonical-json.ts';
import type { Request } from '../records/request.ts';

/** An audit of a line: when it was due, and what it asks for. */
export interface AuditAsked {
  readonly line: string;
  /** The scheduled time (`auditDate`). */
  readonly date: string;
  /** With the model's URI, or the prefix under which the `newest` is found. */
  readonly request: Request;
  readonly newest?: NewestBy;
  readonly gates: Gates;
  readonly baseline: BaselineChoice;
}

/** The digest of what an audit is judged by. */
export function askedDigest({ gates, baseline }: Pick<AuditAsked, 'gates' | 'baseline'>): string {
  return jsonDigest({ gates, baseline });
}
