import { indexAudit } from '../../certification/audits/audit-index.ts';
import { auditDate, auditKeys } from '../../certification/records/audit-keys.ts';
import { auditSchema, type Audit, type GateResult, type Outcome } from '../../certification/records/audit.ts';
import { jsonDigest, recordBytes } from '../../certification/records/canonical-json.ts';
import type { Store } from '../../certification/storage/store.ts';

const DAY_MS = 86_400_000;
const FIRST_NIGHT = Date.UTC(2026, 9, 29, 2);
const EXAMPLES = 500;
const SIGMA = 0.25;

/** One night of a line. */
export interface Night {
  readonly outcome: Outcome;
  readonly reason?: string;
  /** Examples of 500 certified at 0, 0.25 and 0.5; none where no results came about. */
  readonly certified?: readonly [number, number, number];
  /** How many nights before is the audit that it repeats. */
  readonly repeats?: number;
  readonly model?: string;
  readonly run?: string;
  readonly gates?: readonly GateResult[];
}

const RADII = [0, 0.25, 0.5];
/** The least certified accuracy that a line asks for, at 0.25 and 0.5. */
export const LIMITS = { 0.25: 0.8, 0.5: 0.72 };

/** The date of a night, counted from 0. */
export function nightDate(night: number): string {
  return auditDate(new Date(FIRST_NIGHT + night * DAY_MS));
}

/** Writes a line's audits as `auditModel` leaves them. */
export async function putAudits(store: Store, { line, nights }: { line: string; nights: readonly Night[] }) {
  const audits = nights.map((night, at) => auditOf({ line, night, at, earlier: nights.slice(0, at) }));
  for (const audit of audits) {
    await store.putIfAbsent(auditKeys.audit(line, audit.date), recordBytes(auditSchema.parse(audit)));
  }
  for (const audit of audits) await indexAudit(store, audit);
  return audits;
}

function auditOf({
  line,
  night,
  at,
  earlier,
}: {
  line: string;
  night: Night;
  at: number;
  earlier: readonly Night[];
}): Audit {
  const { outcome, certified, repeats, model = 'file:///models/cnn-7.onnx' } = night;
  const before = earlier.findLastIndex((each) => each.outcome === 'passed');
  const run = certified === undefined ? null : (night.run ?? `${line}-${nightDate(at - (repeats ?? 0))}`);
  return {
    version: 1,
    line,
    date: nightDate(at),
    outcome,
    reason: night.reason ?? 'Every gate passed.',
    ...(repeats !== undefined && { skipped: nightDate(at - repeats) }),
    model,
    audited:
      certified === undefined
        ? null
        : { model: jsonDigest(model), dataset: jsonDigest('data'), request: jsonDigest('request') },
    run,
    generation: run === null ? null : 1,
    asked: jsonDigest(LIMITS),
    gates: certified === undefined ? [] : [...(night.gates ?? gatesOf(certified))],
    baseline:
      before < 0 || certified === undefined
        ? null
        : {
            run: `${line}-${nightDate(before)}`,
            date: nightDate(before),
            pinned: false,
            examples: EXAMPLES,
            comparison: RADII.slice(1).map((radius) => {
              const now = certified[RADII.indexOf(radius)];
              const then = earlier[before].certified?.[RADII.indexOf(radius)] ?? now;
              const pValue = then > now ? 0.5 ** (then - now) : 1;
              return {
                radius,
                certified: now,
                baseline: then,
                lost: Math.max(0, then - now) + 2,
                gained: Math.max(0, now - then) + 2,
                pValue,
                adjustedPValue: Math.min(1, 2 * pValue),
              };
            }),
            differs: [],
          },
    summary:
      certified === undefined
        ? null
        : {
            examples: EXAMPLES,
            sigma: SIGMA,
            cleanAccuracy: (certified[0] + 4) / EXAMPLES,
            averageCertifiedRadius: 0.54,
            abstentionRate: 0.012,
            failed: 0,
            certifiedAccuracy: RADII.map((radius, each) => ({ radius, certified: certified[each] })),
          },
  };
}

function gatesOf(certified: readonly number[]): GateResult[] {
  return Object.entries(LIMITS).map(([radius, limit]) => {
    const observed = certified[RADII.indexOf(Number(radius))] / EXAMPLES;
    const verdict = observed >= limit ? 'pass' : 'fail';
    return {
      gate: 'certifiedAccuracy',
      radius: Number(radius),
      limit,
      observed,
      lower: observed - 0.03,
      upper: observed + 0.02,
      verdict,
      reason:
        verdict === 'pass'
          ? `Certified accuracy at ${radius} is ${(100 * observed).toFixed(1)} %, not below ${100 * limit} %.`
          : `Certified accuracy at ${radius} is ${(100 * observed).toFixed(1)} %, and at most ${(100 * observed + 2).toFixed(1)} % with what chance allows: below ${100 * limit} %.`,
    };
  });
}

/** Thirty nights: a skipped one, one that could not be decided, one without results, and near the end one that failed. */
export function story(): Night[] {
  return Array.from({ length: 30 }, (_, at): Night => {
    const drift = Math.round(3 * Math.sin(at / 3) + (at % 4));
    const certified = [444 + drift, 421 + drift, 380 + drift] as const;
    if (at === 9) return { outcome: 'error', reason: 'The model file:///models/cnn-7.onnx could not be read.' };
    if (at === 14) {
      return {
        outcome: 'undecided',
        certified: [428, 404, 363],
        reason: 'Too few examples to tell whether 72.6 % at 0.5 is at least 72 %.',
      };
    }
    if (at === 19) return { outcome: 'passed', certified: [444, 421, 381], repeats: 1 };
    if (at === 18) return { outcome: 'passed', certified: [444, 421, 381] };
    if (at === 27) {
      return {
        outcome: 'failed',
        certified: [402, 361, 298],
        reason: 'Certified accuracy at 0.25 is 72.2 %, below the 80 % that the line asks for.',
        model: 'file:///models/cnn-8.onnx',
      };
    }
    return { outcome: 'passed', certified };
  });
}
