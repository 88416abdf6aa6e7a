import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromOwnNorm, ownNorm, toOwnNorm } from '../../certification/convert-norm.ts';
import { norms } from '../../certification/records/norm.ts';
import { fractionOf } from '../smoothing/decimal.ts';

const threats = norms.flatMap((norm) => [undefined, 0.5].map((lambda) => ({ norm, lambda })));
/** The square of the least c with ‖δ‖_own ≤ c·‖δ‖. */
const squaredFactor = {
  l2: { l2: () => 1, l1: () => 1, linf: (d: number) => d },
  l1: { l1: () => 1, l2: (d: number) => d, linf: (d: number) => d * d },
};

function lengths(delta: readonly number[]) {
  const sizes = delta.map(Math.abs);
  return {
    l2: Math.sqrt(sizes.reduce((sum, size) => sum + size * size, 0)),
    l1: sizes.reduce((sum, size) => sum + size, 0),
    linf: Math.max(...sizes),
  };
}

describe.each(threats)('radii in $norm by noise with lambda $lambda', ({ norm, lambda }) => {
  const own = ownNorm({ lambda });

  it('are the least that the noise’s own norm allows, never above it and hardly below', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 200_000 }),
        (radius, d) => {
          const threat = { norm, lambda, dimensions: d };
          const [whole, part] = [fractionOf(radius), fractionOf(fromOwnNorm(radius, threat))];
          const square = BigInt(squaredFactor[own][norm](d));
          // part² · c² ≤ radius², exactly.
          const left = part.numerator ** 2n * square * whole.denominator ** 2n;
          const right = whole.numerator ** 2n * part.denominator ** 2n;
          expect(left <= right).toBe(true);
          expect(Number((left * 10n ** 18n) / right) / 1e18).toBeGreaterThan(1 - 2e-15);
          // And back: what certifies it is no less than c times it.
          const back = fractionOf(toOwnNorm(radius, threat));
          const needed = whole.numerator ** 2n * square * back.denominator ** 2n;
          const had = back.numerator ** 2n * whole.denominator ** 2n;
          expect(had >= needed).toBe(true);
          expect(Number((needed * 10n ** 18n) / had) / 1e18).toBeGreaterThan(1 - 2e-15);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are true of every perturbation: one that is shorter is shorter in the noise’s own norm', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -255, max: 255 }), { minLength: 1, maxLength: 40 }), (delta) => {
        const length = lengths(delta);
        expect(length[own]).toBeLessThanOrEqual(
          toOwnNorm(length[norm], { norm, lambda, dimensions: delta.length }) * (1 + 1e-12),
        );
      }),
    );
  });

  it('are 0 of 0, and the radius itself where the norms are one', () => {
    const threat = { norm, lambda, dimensions: 784 };
    expect([fromOwnNorm(0, threat), toOwnNorm(0, threat)]).toEqual([0, 0]);
    if (norm === own) expect([fromOwnNorm(0.3, threat), toOwnNorm(0.3, threat)]).toEqual([0.3, 0.3]);
  });
});
