import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { radiusGrid } from '../../certification/report/radius-grid.ts';

describe('radiusGrid', () => {
  it('goes in hundredths where 200 of them suffice', () => {
    expect(radiusGrid(0.5)).toEqual(Array.from({ length: 51 }, (_, i) => i / 100));
    expect(radiusGrid(0.5000001).at(-1)).toBe(0.51);
    expect(radiusGrid(1.99)).toHaveLength(200);
  });

  it.each([
    [1.995, 40],
    [4.97, 40],
    [4.98, 20],
    [9.96, 8],
    [24.9, 4],
    [60, 2],
    [150, 1],
  ])('up to %d it takes %d points a unit', (greatest, perUnit) => {
    expect(radiusGrid(greatest)[1]).toBe(1 / perUnit);
  });

  it('holds the multiples of 0.25 as the doubles that people type', () => {
    for (const greatest of [0.8, 3.2, 7, 20, 45]) {
      const grid = radiusGrid(greatest);
      for (let radius = 0; radius <= greatest; radius += 0.25) expect(grid).toContain(radius);
    }
  });

  it('has from 20 to 200 points whatever the unit, ascending from 0 to the first that reaches the greatest radius', () => {
    const scale = fc.integer({ min: -9, max: 9 }).map((exponent) => Number(`1e${exponent}`));
    fc.assert(
      fc.property(fc.double({ min: 1, max: 10, noNaN: true }), scale, (digits, power) => {
        const greatest = digits * power;
        const grid = radiusGrid(greatest);
        expect(grid.length).toBeGreaterThanOrEqual(20);
        expect(grid.length).toBeLessThanOrEqual(200);
        expect(grid[0]).toBe(0);
        expect(grid.at(-1)).toBeGreaterThanOrEqual(greatest);
        expect(grid.at(-2)).toBeLessThan(greatest);
        expect(grid.every((radius, i) => i === 0 || radius > grid[i - 1])).toBe(true);
      }),
    );
  });

  it('is 0 alone where no radius can be reached', () => {
    expect(radiusGrid(0)).toEqual([0]);
  });

  it('refuses what is no radius', () => {
    for (const greatest of [-1, NaN, Infinity]) expect(() => radiusGrid(greatest)).toThrow(RangeError);
  });
});
