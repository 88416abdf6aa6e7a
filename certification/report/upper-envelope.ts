import type { CurvePoint } from '../records/summary.ts';
import { normSymbols } from '../records/norm.ts';
import { curveSlack } from '../smoothing/curve-slack.ts';
import { exactCountBound } from '../smoothing/exact-count-bound.ts';
import { nextDown } from '../smoothing/next-double.ts';
import type { CertifiedResults } from './certified-results.ts';
import { certifiedCount } from './tables/certified-point.ts';
import { firstUnlikeExample } from './tables/first-unlike-example.ts';

/** The envelope at one radius. Its bounds are of the best classifier there, which may be another at each radius. */
export interface EnvelopePoint extends CurvePoint {
  /** Which of the results certify most there: their places, more than one where several do. */
  readonly best: readonly number[];
}

/** The best certified accuracy of several results at each radius: a choice after looking. */
export interface UpperEnvelope {
  /** Of how many results. */
  readonly of: number;
  readonly examples: number;
  /** 1 − the confidence of the bounds, for all of the results together. */
  readonly rho: number;
  /**
   * The envelope at a radius ≥ 0, in input units.
   *
   * @throws PerimeterError `InvalidRequest` where a result says nothing of that radius.
   */
  readonly at: (radius: number) => EnvelopePoint;
}

/**
 * Why results have no upper envelope, as a sentence; undefined where they have one: at least two, with radii of one norm,
 * on the same examples.
 */
export function whyNoEnvelope(results: readonly CertifiedResults[]): string | undefined {
  if (results.length < 2) return 'One result has no upper envelope: it takes two or more.';
  const [first, ...others] = results;
  for (const other of others) {
    const names = `${first.name} and ${other.name}`;
    if (first.setting.norm !== other.setting.norm) {
      const norms = [first, other].map(({ setting }) => normSymbols[setting.norm]).join(' and ');
      return `No upper envelope: the radii of ${names} are of different norms, ${norms}.`;
    }
    const unlike = firstUnlikeExample(first, other);
    if (unlike !== undefined) return `No upper envelope: ${names} are not of the same examples (${unlike}).`;
  }
  return undefined;
}

/**
 * The upper envelope of several results on the same examples, as papers draw it over their curves for several σ: at each
 * radius the most that one of them certifies. Which one that is was chosen after looking, and so the bounds are corrected
 * by a union over the S results: each result's bound is taken at ρ/S, so that with probability ≥ 1 − ρ all S hold
 * together, and with them the best of them (docs/statistics.md, Test sets). `lower` bounds, for one radius chosen
 * beforehand, the share of examples that the best of the S classifiers truly is right on within that radius
 * (`exactCountBound`); `wholeCurveLower` does so for all radii at once (`curveSlack`).
 *
 * @param results for which `whyNoEnvelope` has no reason.
 * @returns with `rho` the least ρ of the results.
 * @throws RangeError where there is a reason against it.
 */
export function upperEnvelope(results: readonly CertifiedResults[]): UpperEnvelope {
  const why = whyNoEnvelope(results);
  if (why !== undefined) throw new RangeError(why);
  const examples = results[0].radii.length;
  const rho = Math.min(...results.map(({ setting }) => setting.rho));
  // Rounded down, so that S of them never make more than ρ.
  const share = nextDown(rho / results.length);
  const bounds = new Map(
    results.map(({ setting: { alpha } }) => [alpha, boundsAt({ examples, alpha, rho: share })] as const),
  );
  return {
    of: results.length,
    examples,
    rho,
    at: (radius) => {
      const counts = results.map((result) => certifiedCount(result, radius));
      const certified = Math.max(...counts);
      const most = (of: 'lower' | 'wholeCurveLower') =>
        Math.max(...counts.map((count, at) => bounds.get(results[at].setting.alpha)?.[of](count) ?? 0));
      return {
        radius,
        certified,
        accuracy: certified / examples,
        lower: most('lower') / examples,
        wholeCurveLower: most('wholeCurveLower') / examples,
        best: counts.flatMap((count, at) => (count === certified ? [at] : [])),
      };
    },
  };
}

/** Lower bounds of one result, in examples; equal counts are bounded once. */
function boundsAt({ examples, alpha, rho }: { examples: number; alpha: number; rho: number }) {
  const slack = curveSlack({ examples, alpha, rho });
  const known = new Map<number, number>();
  return {
    lower: (certified: number) => {
      const bound = known.get(certified) ?? exactCountBound({ examples, certified, alpha, rho });
      known.set(certified, bound);
      return bound;
    },
    wholeCurveLower: (certified: number) => Math.max(0, certified - slack),
  };
}
