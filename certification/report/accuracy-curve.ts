import type { Certificate } from '../records/certificate.ts';
import type { Summary } from '../records/summary.ts';
import { curveSlack } from '../smoothing/curve-slack.ts';
import { exactCountBound } from '../smoothing/exact-count-bound.ts';

/**
 * Certified accuracy, counted at each radius of a curve as certificates come.
 *
 * @param radii where, ascending.
 * @param alpha the level of each certificate.
 * @param rho one minus the confidence of the curve's lower bounds.
 */
export function accuracyCurve({ radii, alpha, rho }: { radii: readonly number[]; alpha: number; rho: number }): {
  add: (row: Pick<Certificate, 'correct' | 'radius'>) => void;
  points: (examples: number) => Summary['curve'];
} {
  const reached = radii.map(() => 0);
  return {
    add: ({ correct, radius: own }) => {
      if (!correct) return;
      radii.forEach((radius, at) => {
        if (own >= radius) reached[at] += 1;
      });
    },
    points: (examples) => {
      const slack = curveSlack({ examples, alpha, rho });
      const lower = new Map<number, number>();
      const lowerOf = (certified: number) => {
        const known = lower.get(certified);
        if (known !== undefined) return known;
        const bound = exactCountBound({ examples, certified, alpha, rho }) / examples;
        lower.set(certified, bound);
        return bound;
      };
      return radii.map((radius, at) => ({
        radius,
        certified: reached[at],
        accuracy: reached[at] / examples,
        lower: lowerOf(reached[at]),
        wholeCurveLower: Math.max(0, reached[at] - slack) / examples,
      }));
    },
  };
}
