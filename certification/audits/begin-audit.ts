import { latestGeneration } from '../generations.ts';
import type { Audited, IndexedAudit } from '../records/audit.ts';
import { jsonDigest } from '../records/canonical-json.ts';
import type { Request } from '../records/request.ts';
import type { Store } from '../storage/store.ts';
import { readAudit, readAuditIndex } from './audit-index.ts';
import { askedDigest, type AuditAsked } from './audit-asked.ts';
import { chooseBaseline } from './choose-baseline.ts';
import { findNewestModel } from './find-model.ts';
import { identifyInputs } from './identify-inputs.ts';

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
  const { newest } = asked;
  const model = newest === undefined ? asked.request.model : await findNewestModel(asked.request.model, newest);
  const request = { ...asked.request, model };
  const audited = await identifyInputs(request);
  const same = await findSame(store, asked, audited);
  return { request, audited, ...(same && { same }) };
}

/** The last run of the line with these inputs, and the audit that would be this one again. */
async function findSame(store: Store, asked: AuditAsked, audited: Audited): Promise<BegunAudit['same']> {
  const { line, date } = asked;
  const { audits } = await readAuditIndex(store, line);
  const alike = audits.filter(
    (each) => each.date !== date && each.generation !== null && isSame(each.audited, audited),
  );
  const run = alike.at(-1)?.run;
  const generation = run && (await latestGeneration(store, run));
  // It may have been deleted since.
  if (!run || !generation) return undefined;
  const digest = askedDigest(asked);
  const known = alike.findLast((each) => each.run === run && each.asked === digest && each.skipped === undefined);
  const record = known && (await readAudit(store, line, known.date));
  // Failed examples may have been drawn again since, and another audit be what this one is compared with.
  const due = chooseBaseline(audits, asked, run)?.run;
  const isAgain = record?.generation === generation && record.baseline?.run === due;
  return { run, generation, ...(isAgain && { date: record.date }) };
}

function isSame(one: IndexedAudit['audited'], other: Audited): boolean {
  return one !== null && jsonDigest(one) === jsonDigest(other);
}
