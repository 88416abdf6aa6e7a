import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRadius } from '../../certification/report/format-radius.ts';

/** A double as numerator / 2^1074, exactly. */
function scaledBy1074(value: number): bigint {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0];
  const exponent = bits >> 52n;
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
}

describe('formatRadius', () => {
  it('floors instead of rounding', () => {
    expect(formatRadius(2 / 3, 3)).toBe('0.666');
    expect(formatRadius(0.9999999, 6)).toBe('0.999999');
    expect(formatRadius(1, 2)).toBe('1.00');
    expect(formatRadius(0, 6)).toBe('0.000000');
    expect(formatRadius(12.75, 0)).toBe('12');
  });

  it('prints less where the double lies below the decimal that it is written as', () => {
    expect(formatRadius(0.29, 2)).toBe('0.28');
    expect(0.29 * 100).toBeLessThan(29);
    expect(formatRadius(1.15, 1)).toBe('1.1');
    expect(formatRadius(4.35, 2)).toBe('4.34');
  });

  it('never prints more than the true value, nor less by a unit of its last decimal', () => {
    const radius = fc.oneof(
      fc.double({ min: 0, max: 1e15, noNaN: true }),
      fc.double({ min: 0, max: 4, noNaN: true }),
      fc.double({ min: 0, max: 1e-12, noNaN: true }),
      fc
        .tuple(fc.nat(5_000_000), fc.integer({ min: -2, max: 2 }))
        .map(([i, ulps]) => Math.max(0, i / 1e6 + ulps * 1e-16)),
    );
    fc.assert(
      fc.property(radius, fc.integer({ min: 0, max: 14 }), (value, decimals) => {
        const printed = BigInt(formatRadius(value, decimals).replace('.', '')) << 1074n;
        const exact = scaledBy1074(value) * 10n ** BigInt(decimals);
        expect(printed <= exact && exact < printed + (1n << 1074n)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what has no such spelling', () => {
    for (const radius of [-0.1, NaN, Infinity, 1e21]) expect(() => formatRadius(radius, 3)).toThrow(RangeError);
    for (const decimals of [-1, 15, 1.5]) expect(() => formatRadius(1, decimals)).toThrow(RangeError);
  });
});
