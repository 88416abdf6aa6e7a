import { describe, expect, it } from 'vitest';
import { upperEnvelope, whyNoEnvelope } from '../../certification/report/upper-envelope.ts';
import { curveSlack } from '../../certification/smoothing/curve-slack.ts';
import { exactCountBound } from '../../certification/smoothing/exact-count-bound.ts';
import { exactBinomial } from '../smoothing/exact-binomial.ts';
import { resultsOf } from './results-of.ts';

/** Results of `examples` examples, of which so many are certified at radius 0.5. */
const certifying = (certified: number, examples: number, more: { alpha: number; rho: number }) =>
  resultsOf({
    name: `${certified}`,
    radii: Array.from({ length: examples }, (_, at) => (at < certified ? 1 : -1)),
    ...more,
  });

describe('the upper envelope', () => {
  const small = resultsOf({ name: 'small', scale: 0.25, radii: [0.75, 0.75, 0.75, 0.3, 0, -1] });
  const large = resultsOf({ name: 'large', scale: 0.5, radii: [1.5, 1.1, -1, -1, 0.3, -1] });

  it('is at each radius the most that one result certifies, and says which', () => {
    const { at, of, examples } = upperEnvelope([small, large]);
    const points = [0, 0.3, 0.5, 0.75, 0.76, 1.5, 2].map(at);
    expect({ of, examples }).toEqual({ of: 2, examples: 6 });
    expect(points.map(({ radius, certified, best }) => [radius, certified, best])).toEqual([
      [0, 5, [0]],
      [0.3, 4, [0]],
      [0.5, 3, [0]],
      [0.75, 3, [0]],
      [0.76, 2, [1]],
      [1.5, 1, [1]],
      [2, 0, [0, 1]],
    ]);
    expect(points[2].accuracy).toBe(0.5);
  });

  it('never joins examples of several results: no classifier has more than its own', () => {
    const one = resultsOf({ name: 'one', radii: [1, -1] });
    const other = resultsOf({ name: 'other', radii: [-1, 1] });
    expect(upperEnvelope([one, other]).at(0.5)).toMatchObject({ certified: 1, best: [0, 1] });
  });

  it("has the best of the results' bounds, each at rho over their number", () => {
    const setting = { alpha: 0.05, rho: 0.06 };
    const counts = [180, 150, 120];
    const results = counts.map((certified) => certifying(certified, 200, setting));
    const point = upperEnvelope(results).at(0.5);
    const own = { examples: 200, alpha: 0.05, rho: 0.02 };
    expect(200 * point.lower).toBeCloseTo(exactCountBound({ ...own, certified: 180 }), 9);
    expect(200 * point.wholeCurveLower).toBeCloseTo(180 - curveSlack(own), 9);
    // And not by chance the uncorrected ones.
    expect(200 * point.lower).toBeLessThan(exactCountBound({ ...own, rho: 0.06, certified: 180 }));
    expect(180 - curveSlack(own)).toBeLessThan(180 - curveSlack({ ...own, rho: 0.06 }));
  });

  it('has the bound of the result whose own level leaves most, also where another certifies more', () => {
    const loose = certifying(180, 200, { alpha: 0.3, rho: 0.02 });
    const strict = certifying(175, 200, { alpha: 0.001, rho: 0.02 });
    const point = upperEnvelope([loose, strict]).at(0.5);
    expect(point).toMatchObject({ certified: 180, best: [0] });
    const bound = exactCountBound({ examples: 200, certified: 175, alpha: 0.001, rho: 0.01 });
    expect(200 * point.lower).toBeCloseTo(bound, 9);
  });

  it('is bounded with the greatest confidence that one of the results asks for', () => {
    const results = [0.05, 0.01].map((rho) => certifying(15, 20, { alpha: 0.1, rho }));
    expect(upperEnvelope(results).rho).toBe(0.01);
  });

  it.each([2, 3, 7])('of %i equal results has no bound above that of one', (times) => {
    const setting = { alpha: 0.05, rho: 0.05 };
    for (let certified = 0; certified <= 60; certified += 1) {
      const result = certifying(certified, 60, setting);
      const [alone] = result.summary.curve;
      const point = upperEnvelope(Array.from({ length: times }, () => result)).at(0);
      expect(point.certified).toBe(alone.certified);
      expect(point.lower).toBeLessThanOrEqual(alone.lower);
      expect(point.wholeCurveLower).toBeLessThanOrEqual(alone.wholeCurveLower);
    }
  });
});

describe('the bounds of the upper envelope', () => {
  const examples = 40;
  const setting = { alpha: 0.1, rho: 0.1 };

  /**
   * The probability that the bound exceeds the best true count, when each of `results` truly is robust on `robust`
   * examples and certifies every other one with probability alpha: exact, from the law of each count.
   */
  function probabilityOfError(robust: number, results: number, lowerOf: (certified: number) => number): number {
    const { terms, total } = exactBinomial(examples - robust, setting.alpha);
    const right = terms.filter((_, lucky) => lowerOf(robust + lucky) <= robust).reduce((sum, term) => sum + term, 0n);
    const each = Number((right * 10n ** 18n) / total) / 1e18;
    return 1 - each ** results;
  }

  /** The bound of the envelope, where the best of so many results certifies `certified` examples. */
  function bounds(results: number) {
    return Array.from({ length: examples + 1 }, (_, certified) => {
      const one = certifying(certified, examples, setting);
      const { lower, wholeCurveLower } = upperEnvelope(Array.from({ length: results }, () => one)).at(0);
      return { lower: Math.round(lower * examples), wholeCurveLower: Math.round(wholeCurveLower * examples) };
    });
  }

  it.each([2, 3, 5])('of %i results are wrong with probability at most rho, wherever the truth lies', (results) => {
    const at = bounds(results);
    const robusts = Array.from({ length: examples + 1 }, (_, robust) => robust);
    const worst = (of: 'lower' | 'wholeCurveLower') =>
      Math.max(...robusts.map((robust) => probabilityOfError(robust, results, (certified) => at[certified][of])));
    expect(worst('lower')).toBeLessThanOrEqual(setting.rho);
    expect(worst('wholeCurveLower')).toBeLessThanOrEqual(setting.rho);
  });

  it('would be wrong more often, were they not corrected for the choice', () => {
    const uncorrected = (certified: number) => exactCountBound({ examples, certified, ...setting });
    expect(probabilityOfError(10, 3, uncorrected)).toBeGreaterThan(setting.rho);
  });
});

describe('results without an upper envelope', () => {
  const one = resultsOf({ name: 'one', radii: [1, 1] });
  it.each([
    ['one alone', [one], /^One result has no upper envelope/],
    ['of other norms', [one, resultsOf({ name: 'b', radii: [1, 1], norm: 'l1' })], /one and b .* ℓ2 and ℓ1\.$/],
    ['of other examples', [one, resultsOf({ name: 'b', radii: [1, 1, 1] })], /one and b are not of the same examples/],
    [
      'of other places in the dataset',
      [one, { ...one, name: 'b', indices: Float64Array.of(0, 2) }],
      /not of the same examples/,
    ],
    ['of other labels', [one, { ...one, name: 'b', labels: Int32Array.of(0, 1) }], /not of the same examples/],
  ])('are those %s, and the reason is said', (_, results, sentence) => {
    expect(whyNoEnvelope(results)).toMatch(sentence);
    expect(() => upperEnvelope(results)).toThrow(RangeError);
  });

  it('say nothing at a radius that one of sequential mode did not decide', () => {
    const other = resultsOf({ name: 'b', radii: [0.5, -1], mode: 'sequential', curveAt: [0.25, 0.5] });
    expect(upperEnvelope([one, other]).at(0.5)).toMatchObject({ certified: 2, best: [0] });
    expect(() => upperEnvelope([one, other]).at(0.3)).toThrow(/b is of sequential mode and decided no radius 0\.3/);
  });

  it('are not those of other noise, models and levels', () => {
    const other = resultsOf({ name: 'b', radii: [1, -1], scale: 1, n: 500, alpha: 0.01, mode: 'sequential' });
    expect(whyNoEnvelope([one, other])).toBeUndefined();
  });
});
