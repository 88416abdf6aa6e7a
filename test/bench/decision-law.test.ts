import { describe, expect, it } from 'vitest';
import { decisionLaw } from '../../bench/decision-law.ts';
import { sequentialDecisions } from '../../certification/smoothing/sequential-decisions.ts';
import {
  sequentialThresholds,
  type SequentialThresholds,
} from '../../certification/smoothing/sequential-thresholds.ts';
import { sequentialLaw } from '../smoothing/sequential-law.ts';

describe('the law of the decisions', () => {
  it('is that of all paths through the looks, for several radii at once', () => {
    const thresholds = sequentialThresholds({ radii: [0, 0.3, 0.6], sigma: 1, n: 96, alpha: 0.05, margin: 0 });
    for (const p of [0.5, 0.65, 0.75, 0.9]) {
      const { certified, meanSamples } = decisionLaw({ thresholds, p });
      const paths = overAllPaths(thresholds, p);
      expect(meanSamples).toBeCloseTo(paths.meanSamples, 9);
      certified.forEach((share, at) => {
        expect(share).toBeCloseTo(paths.certified[at], 11);
      });
    }
  });

  it('of one radius is that of the plain recursion, over thousands of samples', () => {
    const thresholds = sequentialThresholds({ radii: [0.5], sigma: 1, n: 10_000, alpha: 0.001, margin: 0 });
    for (const p of [0.6, 0.7, 0.72, 0.9]) {
      const law = decisionLaw({ thresholds, p });
      const plain = sequentialLaw({ thresholds, p, futility: true });
      expect(law.certified[0]).toBeCloseTo(plain.certified, 9);
      expect(Math.abs(law.meanSamples / plain.meanSamples - 1)).toBeLessThan(1e-9);
    }
  });

  it('holds where the samples are surely of the class', () => {
    const thresholds = sequentialThresholds({ radii: [0, 1], sigma: 1, n: 1_000, alpha: 0.001, margin: 0 });
    const all = sequentialDecisions(
      thresholds,
      thresholds.looks.map((t, at) => ({ look: at + 1, count: t })),
    );
    expect(decisionLaw({ thresholds, p: 1 })).toEqual({ certified: [1, 1], meanSamples: all[1].n });
  });
});

/** The expectations by walking through all counts at all looks. */
function overAllPaths(thresholds: SequentialThresholds, p: number) {
  const { looks, radii } = thresholds;
  const certified = radii.map(() => 0);
  let meanSamples = 0;
  const walk = (counts: { look: number; count: number }[], mass: number) => {
    const decisions = sequentialDecisions(thresholds, counts);
    if (decisions.length === radii.length) {
      meanSamples += mass * looks[counts.length - 1];
      decisions.forEach((decision, at) => {
        if (decision.certified) certified[at] += mass;
      });
      return;
    }
    const drawn = looks[counts.length] - (looks[counts.length - 1] ?? 0);
    const before = counts.at(-1)?.count ?? 0;
    let weight = (1 - p) ** drawn;
    for (let successes = 0; successes <= drawn; successes++) {
      walk([...counts, { look: counts.length + 1, count: before + successes }], mass * weight);
      weight *= ((drawn - successes) * p) / ((successes + 1) * (1 - p));
    }
  };
  walk([], 1);
  return { certified, meanSamples };
}
