import { countCertified, type CertifiedRadii } from '../comparison/certified-radii.ts';
import type { ComparisonAt, GateResult, Gates, Outcome, Verdict } from '../records/audit.ts';
import { floorPercent } from '../report/floor-percent.ts';
import { lowerBound } from '../smoothing/lower-bound.ts';
import { upperBound } from '../smoothing/upper-bound.ts';

/** More than the rounding of a limit as a share, or as percentage points, times the examples. */
const LIMIT_ROUNDING = 1e-9;

/** What gates judge: a run, and how it compares with its baseline. */
export interface Judged {
  readonly radii: CertifiedRadii;
  readonly abstained: number;
  readonly failed: number;
  /** At the radii of the gate on drops; a sentence where there is nothing to compare with. */
  readonly comparison: readonly ComparisonAt[] | { readonly none: string; readonly verdict: Verdict };
}

/**
 * Judges a run by the gates of its line.
 *
 * - Certified accuracy and abstention rate: of the population that the test examples are drawn from, by the one-sided
 *   bounds of Clopper & Pearson (Biometrika 26, 1934) at the gates' significance on either side. Both bounds beyond the
 *   limit on the good side: pass; on the bad side: fail; a limit between them: undecided.
 * - Drop: on these very examples, by McNemar's exact test, adjusted by Holm over the gated radii. No more than allowed:
 *   pass; more, and significant: fail; more, and not significant, or a test set on which nothing could be: undecided.
 * - Share of failed examples: as it is, since faults are no sample of anything.
 */
export function judgeGates(gates: Gates, judged: Judged): GateResult[] {
  const examples = judged.radii.length;
  const { significance } = gates;
  const results = gates.certifiedAccuracy.map(({ radius, atLeast }): GateResult => {
    const count = countCertified(judged.radii, radius);
    const { verdict, ...found } = withinBounds({ count, examples, limit: atLeast, significance, good: 'above' });
    const reason = `${floorPercent(count, examples)} of ${examples} examples are certified at radius ${radius}, at least ${percent(atLeast)} asked for: ${said(verdict, found)}.`;
    return { gate: 'certifiedAccuracy', radius, limit: atLeast, ...found, verdict, reason };
  });
  results.push(...judgeDrop(gates, judged.comparison, examples));
  if (gates.abstentionRate !== undefined) {
    const { atMost } = gates.abstentionRate;
    const count = judged.abstained;
    const { verdict, ...found } = withinBounds({ count, examples, limit: atMost, significance, good: 'below' });
    const reason = `${count} of ${examples} examples abstained (${floorPercent(count, examples)}), at most ${percent(atMost)} allowed: ${said(verdict, found)}.`;
    results.push({ gate: 'abstentionRate', limit: atMost, ...found, verdict, reason });
  }
  if (gates.failedShare !== undefined) {
    const { atMost } = gates.failedShare;
    const { failed } = judged;
    const verdict = isMore(failed, atMost * examples) ? 'fail' : 'pass';
    const reason = `${failed} of ${examples} examples failed (${floorPercent(failed, examples)}), at most ${percent(atMost)} allowed.`;
    results.push({ gate: 'failedShare', limit: atMost, observed: failed / examples, verdict, reason });
  }
  return results;
}

/** How an audit ends by its gates: as the worst of them says. */
export function outcomeOf(gates: readonly GateResult[]): { outcome: Outcome; reason: string } {
  const first = (wanted: Verdict) => gates.find(({ verdict }) => verdict === wanted);
  const failed = first('fail');
  if (failed !== undefined) return { outcome: 'failed', reason: failed.reason };
  const undecided = first('undecided');
  if (undecided !== undefined) return { outcome: 'undecided', reason: undecided.reason };
  const count = gates.length === 1 ? 'its gate' : `all ${gates.length} gates`;
  return { outcome: 'passed', reason: gates.length === 0 ? 'No gates were asked for.' : `It passed ${count}.` };
}

function judgeDrop({ drop, significance }: Gates, comparison: Judged['comparison'], examples: number): GateResult[] {
  if (drop === undefined) return [];
  const limit = drop.atMost;
  if ('none' in comparison) {
    const { none: reason, verdict } = comparison;
    return drop.radii.map((radius) => ({ gate: 'drop', radius, limit, observed: null, verdict, reason }));
  }
  // The least p-value that Holm leaves where every example is lost at one radius.
  const blind = drop.radii.length * 0.5 ** examples > significance;
  return comparison.map((at): GateResult => {
    const { radius, baseline, certified, lost, gained, adjustedPValue } = at;
    const observed = (100 * (lost - gained)) / examples;
    const tooMuch = isMore(lost - gained, (limit / 100) * examples);
    const significant = adjustedPValue <= significance;
    const verdict = blind || (tooMuch && !significant) ? 'undecided' : tooMuch ? 'fail' : 'pass';
    const change = `${baseline} of ${examples} examples were certified at radius ${radius} and ${certified} are now (${lost} lost, ${gained} gained)`;
    const allowed = `a drop of at most ${limit} percentage points allowed`;
    const test = `p = ${significantDigits(adjustedPValue)}`;
    const why = {
      pass: `${allowed}.`,
      fail: `${allowed}, and more than chance (${test}, at most ${significance}).`,
      undecided: blind
        ? 'too few examples for any drop to be told from chance.'
        : `${allowed}, but so much can be chance (${test}, above ${significance}).`,
    }[verdict];
    const reason = `${change}: ${why}`;
    return { gate: 'drop', radius, limit, observed, pValue: adjustedPValue, verdict, reason };
  });
}

/** Where a share lies, by its exact bounds, against a limit that it should be above or below of. */
function withinBounds({
  count,
  examples,
  limit,
  significance,
  good,
}: {
  count: number;
  examples: number;
  limit: number;
  significance: number;
  good: 'above' | 'below';
}): { observed: number; lower: number; upper: number; verdict: Verdict } {
  const { lowerBound: lower } = lowerBound({ count, n: examples, alpha: significance });
  const upper = upperBound({ count, n: examples, alpha: significance });
  // On the limit is good enough: a share that is there can't fail.
  const [passes, fails] = good === 'above' ? [lower >= limit, upper < limit] : [upper <= limit, lower > limit];
  const verdict = passes ? 'pass' : fails ? 'fail' : 'undecided';
  return { observed: count / examples, lower, upper, verdict };
}

function said(verdict: Verdict, { lower, upper }: { lower: number; upper: number }): string {
  const bounds = `its bounds are ${percent(lower)} and ${percent(upper)}`;
  return verdict === 'undecided' ? `${bounds}, so that more examples are needed to tell` : bounds;
}

/** Whether a count is more than a limit that was typed as a decimal: 57 of 10,000 are no more than 0.57 %. */
function isMore(count: number, limit: number): boolean {
  return count > limit + LIMIT_ROUNDING * Math.max(1, limit);
}

/** A share that is no count, to two decimals. */
function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}

function significantDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}
