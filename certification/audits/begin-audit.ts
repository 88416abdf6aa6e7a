import { latestGeneration } from '../generations.ts';
import type { Audited, Gates, IndexedAudit } from '../records/audit.ts';
import type { BaselineChoice, NewestBy } from '../records/audit-request.ts';
import { jsonDigest } from '../records/canonical-json.ts';
import type { Request } from '../records/request.ts';
import type { Store } from '../storage/store.ts';
import { readAudit, readAuditIndex } from './audit-index.ts';
import { findNewestModel } from './find-model.ts';
import { identifyInputs } from './identify-inputs.ts';

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

/** What is known of an audit before a sample is drawn. */
export interface BegunAudit {
  /** With the model's own URI. */
  readonly request: Request;
  readonly audited: Audited;
  /** A run of the same model, data and request, whose results serve again. */
  readonly same?: {
    readonly run: string;
    readonly generation: number;
    /** The audit of it with the same gates and baseline too: then there is nothing to do. */
    readonly date?: string;
  };
}

/**
 * Finds an audit's model, reads its inputs' digests, and looks whether an earlier audit of the line had the same.
 *
 * @param store where runs and audits are kept.
 * @throws PerimeterError `NotFound`, `InvalidDataset` and the stores' own, where the inputs can't be read.
 */
export async function beginAudit(store: Store, asked: AuditAsked): Promise<BegunAudit> {
  const { line, date, newest } = asked;
  const model = newest === undefined ? asked.request.model : await findNewestModel(asked.request.model, newest);
  const request = { ...asked.request, model };
  const audited = await identifyInputs(request);
  const { audits } = await readAuditIndex(store, line);
  const alike = audits.filter((each) => each.date !== date && each.run !== null && isSame(each.audited, audited));
  const gates = gatesDigest(asked);
  const known = alike.findLast((each) => each.gates === gates && each.skipped === undefined);
  const { run, date: at } = known ?? alike.at(-1) ?? {};
  const generation = run && (await latestGeneration(store, run));
  // Its run may have been deleted since, or have failed examples that were drawn again.
  if (!run || !generation) return { request, audited };
  const unchanged = known !== undefined && (await readAudit(store, line, known.date))?.generation === generation;
  return { request, audited, same: { run, generation, ...(unchanged && at !== undefined && { date: at }) } };
}

/** The digest of what an audit is judged by. */
export function gatesDigest({ gates, baseline }: Pick<AuditAsked, 'gates' | 'baseline'>): string {
  return jsonDigest({ gates: JSON.parse(JSON.stringify(gates)) as unknown, baseline });
}

function isSame(one: IndexedAudit['audited'], other: Audited): boolean {
  return one !== null && jsonDigest(one) === jsonDigest(other);
}
