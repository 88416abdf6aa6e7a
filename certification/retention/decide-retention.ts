import type { LineOfAudits } from './read-audits.ts';
import { isSuccessful } from '../records/audit.ts';
import { auditTime } from '../records/audit-keys.ts';
import type { Study } from '../records/study.ts';
import type { RunTraces } from './trace-run.ts';

/** Why a run stays; `noRun` is a folder that nothing shows to be a run's. */
export type StayReason =
  | { readonly kind: 'signed' | 'young' | 'underWay' | 'noRun' }
  /** An audit was compared with it; it is the run of a line's last success, so the next one will be; an audit found it. */
  | { readonly kind: 'baseline' | 'nextBaseline' | 'audited'; readonly line: string; readonly date: string }
  /** A study's table is of it. */
  | { readonly kind: 'studied'; readonly study: string };

/** Why a run goes: nothing refers to what is older than what is kept, whether it came to its end or not. */
export interface GoReason {
  readonly kind: 'old' | 'unfinished';
}

export type Decision =
  { readonly stays: true; readonly reason: StayReason } | { readonly stays: false; readonly reason: GoReason };

/** From when on things are too young to go. */
export interface Retention {
  readonly now: Date;
  readonly keepMs: number;
}

/**
 * Decides which runs stay and why: those that are signed, those that audits or studies rest on, and those that are young.
 * A run is as old as what was written last of it, so that one under way is young however long ago it was begun.
 *
 * @param lines all audits of the store that the runs are in.
 * @param studies all studies of that store: a study keeps its runs for as long as its record is there.
 * @param underWay runs that somebody knows to be under way, as one may be that is paused for long.
 * @returns a decision for each of the runs.
 */
export function decideRetention({
  runs,
  lines,
  studies,
  underWay,
  ...retention
}: Retention & {
  runs: readonly RunTraces[];
  lines: readonly LineOfAudits[];
  studies: readonly Pick<Study, 'study' | 'runs'>[];
  underWay: ReadonlySet<string>;
}): Decision[] {
  const named = namedByAudits(lines, retention);
  const studied = new Map(studies.flatMap(({ study, runs: own }) => own.map(({ run }) => [run, study])));
  return runs.map(({ run, isRun, signed, finished, lastWritten }) => {
    const stay = (reason: StayReason): Decision => ({ stays: true, reason });
    if (!isRun) return stay({ kind: 'noRun' });
    if (signed) return stay({ kind: 'signed' });
    const byAudit = named.get(run);
    if (byAudit !== undefined) return stay(byAudit);
    const study = studied.get(run);
    if (study !== undefined) return stay({ kind: 'studied', study });
    if (underWay.has(run)) return stay({ kind: 'underWay' });
    if (isYoung(lastWritten, retention)) return stay({ kind: 'young' });
    return { stays: false, reason: { kind: finished ? 'old' : 'unfinished' } };
  });
}

function isYoung(time: Date, { now, keepMs }: Retention): boolean {
  return now.getTime() - time.getTime() < keepMs;
}

/** The runs that audits keep. Of several reasons the strongest is told: baselines, then the next ones, then young audits. */
function namedByAudits(lines: readonly LineOfAudits[], retention: Retention): Map<string, StayReason> {
  const named = new Map<string, StayReason>();
  const add = (
    kind: 'baseline' | 'nextBaseline' | 'audited',
    run: string | null,
    of: { line: string; date: string },
  ) => {
    if (run !== null && !named.has(run)) named.set(run, { kind, line: of.line, date: of.date });
  };
  const dated = lines.map(({ line, audits }) => ({
    audits: audits.map((audit) => ({ ...audit, line })),
    young: audits.filter(({ date }) => isYoung(auditTime(date), retention)).map((audit) => ({ ...audit, line })),
  }));
  for (const { audits, young } of dated) {
    // An audit that ended in an error names none: then the one before says what the line is compared with.
    const last = audits.findLast(({ baseline }) => baseline !== null);
    for (const audit of [...(last === undefined ? [] : [last]), ...young]) add('baseline', audit.baseline, audit);
  }
  for (const { audits } of dated) {
    const last = audits.findLast(isSuccessful);
    if (last !== undefined) add('nextBaseline', last.run, last);
  }
  for (const { young } of dated) for (const audit of young) add('audited', audit.run, audit);
  return named;
}
