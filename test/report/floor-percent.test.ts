import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floorPercent } from '../../certification/report/floor-percent.ts';

describe('floorPercent', () => {
  it('shows exact percentages exactly and floors the others', () => {
    expect(floorPercent(412, 500)).toBe('82.40 %');
    expect(floorPercent(29, 100)).toBe('29.00 %');
    expect(floorPercent(2, 3)).toBe('66.66 %');
    expect(floorPercent(49_999, 50_000)).toBe('99.99 %');
    expect(floorPercent(7, 7)).toBe('100.00 %');
    expect(floorPercent(0, 7)).toBe('0.00 %');
  });

  it('never prints more than the share, nor less by a hundredth of a percent', () => {
    const counts = fc.integer({ min: 1, max: 2 ** 32 }).chain((total) => fc.tuple(fc.nat(total), fc.constant(total)));
    fc.assert(
      fc.property(counts, ([count, total]) => {
        const hundredths = BigInt(floorPercent(count, total).replace(/[. %]/g, ''));
        expect(hundredths * BigInt(total) <= BigInt(count) * 10_000n).toBe(true);
        expect((hundredths + 1n) * BigInt(total) > BigInt(count) * 10_000n).toBe(true);
      }),
    );
  });
});
