import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSequentialN } from '../../certification/smoothing/least-sequential-n.ts';
import { lowerBound } from '../../certification/smoothing/lower-bound.ts';
import { lnMixtureRatios } from '../../certification/smoothing/ln-mixture-ratios.ts';
import { looks } from '../../certification/smoothing/looks.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { probabilityOf } from '../../certification/smoothing/probability.ts';
import { sequentialDecisions } from '../../certification/smoothing/sequential-decisions.ts';
import { sequentialThresholds } from '../../certification/smoothing/sequential-thresholds.ts';
import { sequentialLaw } from './sequential-law.ts';

const alpha = 0.001;

describe('looks', () => {
  it('are 32·1.15ⁱ rounded up to a multiple of 32, and n', () => {
    expect(looks(500)).toEqual([32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 416, 480, 500]);
    expect(looks(20)).toEqual([20]);
    expect(looks(32)).toEqual([32]);
    expect(looks(33)).toEqual([32, 33]);
    expect(looks(100_000)).toHaveLength(52);
  });
});

describe('the mixture ratios', () => {
  interface Golden {
    readonly p: number;
    readonly successes: number;
    readonly t: number;
    readonly above: string;
    readonly below: string;
  }
  const goldens = JSON.parse(
    readFileSync(new URL('./goldens/mixture-ratios.json', import.meta.url), 'utf8'),
  ) as Golden[];

  it.each(goldens)('are mpmath’s at $successes of $t, p = $p', ({ p, successes, t, above, below }) => {
    const ratios = lnMixtureRatios({ successes, t, at: probabilityOf(p) });
    expect(Math.abs(ratios.above.hi - Number(above))).toBeLessThanOrEqual(1e-15 * Math.abs(Number(above)));
    expect(Math.abs(ratios.below.hi - Number(below))).toBeLessThanOrEqual(1e-15 * Math.abs(Number(below)));
  });

  it('are martingales: their mean over the samples is 1 where the probability is p', () => {
    for (const p of [0.5, 0.8, 0.98]) {
      const t = 96;
      const at = probabilityOf(p);
      let mean = { above: 0, below: 0 };
      let mass = (1 - p) ** t;
      for (let successes = 0; successes <= t; successes++) {
        const { above, below } = lnMixtureRatios({ successes, t, at });
        mean = { above: mean.above + mass * Math.exp(above.hi), below: mean.below + mass * Math.exp(below.hi) };
        mass *= ((t - successes) * p) / ((successes + 1) * (1 - p));
      }
      expect(mean.above).toBeCloseTo(1, 11);
      expect(mean.below).toBeCloseTo(1, 11);
    }
  });
});

describe('a radius is certified wrongly', () => {
  // Φ(r/σ) for r/σ = 0, ½, 1, 2, 3: at the edge of the null hypothesis, where a wrong certificate is likeliest.
  it.each([0, 0.5, 1, 2, 3])('with a probability in [0.7 α, α] where p = Φ(%d), n = 10,000', (radius) => {
    const thresholds = sequentialThresholds({ radii: [radius], sigma: 1, n: 10_000, alpha, margin: 0 });
    const p = normalCdf(radius);
    expect(sequentialLaw({ thresholds, p, futility: false }).certified).toBeLessThanOrEqual(alpha);
    expect(sequentialLaw({ thresholds, p, futility: true }).certified).toBeGreaterThanOrEqual(0.7 * alpha);
  });

  it.each([
    { n: 500, level: 0.05, radii: [0, 1, 1.5] },
    { n: 100_000, level: 0.001, radii: [0, 1, 2.5] },
    { n: 2_000, level: 1e-9, radii: [0, 1] },
  ])('with a probability ≤ α for n = $n, α = $level too', ({ n, level, radii }) => {
    for (const radius of radii) {
      const thresholds = sequentialThresholds({ radii: [radius], sigma: 1, n, alpha: level, margin: 0 });
      const { certified } = sequentialLaw({ thresholds, p: normalCdf(radius), futility: false });
      expect(certified).toBeLessThanOrEqual(level);
      expect(certified).toBeGreaterThan(0.3 * level);
    }
  });

  it('less often the farther p lies below', () => {
    const thresholds = sequentialThresholds({ radii: [1], sigma: 1, n: 2_000, alpha, margin: 0 });
    const at = (p: number) => sequentialLaw({ thresholds, p, futility: false }).certified;
    expect(at(0.83)).toBeLessThan(at(normalCdf(1)));
    expect(at(0.8)).toBeLessThan(at(0.83));
  });
});

describe('futility', () => {
  it.each([0, 1, 2.5])('gives a radius up before the last look with a probability ≤ 0.01 where p = Φ(%d)', (radius) => {
    const thresholds = sequentialThresholds({ radii: [radius], sigma: 1, n: 10_000, alpha, margin: 0 });
    const { givenUpEarly } = sequentialLaw({ thresholds, p: normalCdf(radius), futility: true });
    expect(givenUpEarly).toBeLessThanOrEqual(0.01);
    // Not for nothing: some of the level is used.
    expect(givenUpEarly).toBeGreaterThan(0.0001);
  });

  it('costs little power and saves most samples out of reach', () => {
    const thresholds = sequentialThresholds({ radii: [0.5], sigma: 1, n: 10_000, alpha, margin: 0 });
    for (const p of [0.7, 0.72, 0.8]) {
      const eager = sequentialLaw({ thresholds, p, futility: true });
      const patient = sequentialLaw({ thresholds, p, futility: false });
      expect(patient.certified - eager.certified).toBeLessThan(0.01);
    }
    expect(sequentialLaw({ thresholds, p: 0.5, futility: true }).meanSamples).toBeLessThan(150);
    expect(sequentialLaw({ thresholds, p: 0.5, futility: false }).meanSamples).toBeCloseTo(10_000, -1);
  });
});

describe('the thresholds', () => {
  it('at the last look are those of Clopper & Pearson at 0.9 α', () => {
    for (const radius of [0, 0.3, 1.5]) {
      const n = 3_000;
      const { radii } = sequentialThresholds({ radii: [radius], sigma: 1, n, alpha, margin: 0 });
      const least = radii[0].reject.at(-1) ?? 0;
      const bound = (count: number) => lowerBound({ count, n, alpha: 0.9 * alpha }).lowerBound;
      expect(bound(least)).toBeGreaterThanOrEqual(normalCdf(radius));
      expect(bound(least - 1)).toBeLessThan(normalCdf(radius));
    }
  });

  it('rise with the radius and with the noise budget, at every look', () => {
    const { radii } = sequentialThresholds({ radii: [0, 0.1, 0.5, 2], sigma: 1, n: 5_000, alpha, margin: 0 });
    const withBudget = sequentialThresholds({ radii: [0, 0.1, 0.5, 2], sigma: 1, n: 5_000, alpha, margin: 0.01 });
    for (let j = 0; j < radii.length; j++) {
      radii[j].reject.forEach((count, look) => {
        expect(count).toBeGreaterThan(radii[j].futile[look]);
        if (j > 0) expect(count).toBeGreaterThanOrEqual(radii[j - 1].reject[look]);
        expect(withBudget.radii[j].reject[look]).toBeGreaterThanOrEqual(count);
      });
    }
    expect(withBudget.radii[1].reject.at(-1)).toBeGreaterThan(radii[1].reject.at(-1) ?? 0);
  });

  it('certify nothing where no count is enough', () => {
    const { looks: grid, radii } = sequentialThresholds({ radii: [50], sigma: 1, n: 5_000, alpha, margin: 1e-9 });
    expect(radii[0].reject).toEqual(grid.map((t) => t + 1));
  });

  it('refuse radii that are not ascending numbers from 0', () => {
    for (const radii of [[0.5, 0.25], [0, 0], [-1], [NaN]]) {
      expect(() => sequentialThresholds({ radii, sigma: 1, n: 100, alpha, margin: 0 })).toThrow('ascending');
    }
  });
});

describe('the least n', () => {
  it('is the first at which samples that all agree certify', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
        fc.constantFrom(0, 1e-10, 1e-4),
        (radius, level, margin) => {
          const least = leastSequentialN({ radius, sigma: 1, alpha: level, margin });
          const certifies = (n: number) => {
            const { radii } = sequentialThresholds({ radii: [radius], sigma: 1, n, alpha: level, margin });
            return (radii[0].reject.at(-1) ?? 0) <= n;
          };
          expect(certifies(least)).toBe(true);
          if (least > 1) expect(certifies(least - 1)).toBe(false);
        },
      ),
      { seed: 5, numRuns: 20 },
    );
    expect(leastSequentialN({ radius: 50, sigma: 1, alpha, margin: 1e-9 })).toBe(Infinity);
  });
});

describe('the decisions', () => {
  const thresholds = sequentialThresholds({ radii: [0, 0.25, 0.5, 1], sigma: 0.5, n: 2_000, alpha, margin: 0 });
  const countsAt = (p: number) => thresholds.looks.map((t, at) => ({ look: at + 1, count: Math.round(p * t) }));

  it('certify from the smallest radius up and give up from the largest down', () => {
    const decisions = sequentialDecisions(thresholds, countsAt(0.8));
    expect(decisions.map(({ radius, certified }) => [radius, certified])).toEqual([
      [0, true],
      [0.25, true],
      [0.5, false],
      [1, false],
    ]);
    const [zero, quarter, half, one] = decisions;
    expect(zero.look).toBeLessThan(quarter.look);
    expect(one.look).toBeLessThan(half.look);
    for (const { look, n, count } of decisions) {
      expect(n).toBe(thresholds.looks[look - 1]);
      expect(count).toBe(Math.round(0.8 * n));
    }
  });

  it('are made by the thresholds themselves: the least count that certifies, the greatest that gives up', () => {
    const [zero] = thresholds.radii;
    const look = 5;
    const at = (count: number) => sequentialDecisions(thresholds, [{ look, count }]).find(({ radius }) => radius === 0);
    expect(at(zero.reject[look - 1])).toMatchObject({ certified: true, look, count: zero.reject[look - 1] });
    expect(at(zero.reject[look - 1] - 1)).toBeUndefined();
    expect(at(zero.futile[look - 1] + 1)).toBeUndefined();
    expect(at(zero.futile[look - 1])).toMatchObject({ certified: false, look });
  });

  it('are all made at the last look, and none twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 60, maxLength: 60 }), (percents) => {
        let [count, drawn] = [0, 0];
        const counts = thresholds.looks.map((t, at) => {
          count += Math.round(((t - drawn) * percents[at]) / 100);
          drawn = t;
          return { look: at + 1, count };
        });
        const decisions = sequentialDecisions(thresholds, counts);
        expect(decisions.map(({ radius }) => radius)).toEqual([0, 0.25, 0.5, 1]);
        // Certified radii come first, and the looks that decided are all that the decisions need.
        expect(decisions.findLastIndex(({ certified }) => certified) + 1).toBe(
          decisions.filter(({ certified }) => certified).length,
        );
        const decisive = counts.filter(({ look }) => decisions.some((decision) => decision.look === look));
        expect(sequentialDecisions(thresholds, decisive)).toEqual(decisions);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});
