import { expect, test } from 'vitest';
import { mergedCells } from '../../certification/verification/merged-cells.ts';

test('neighbouring cells are merged, the last with what is left over', () => {
  const expected = Float64Array.of(3e6, 1, 2e6, 4e6, 7e6, 5, 6);
  expect(mergedCells(expected)).toEqual([1, 3, 4, 7]);
});

test('the fewer the cells, the more each must hold', () => {
  const even = (cells: number, each: number): number => mergedCells(new Float64Array(cells).fill(each)).length;
  expect(even(1000, 250)).toBe(1000);
  expect(even(100, 250)).toBeLessThan(60);
  expect(even(4, 2000)).toBe(0);
  expect(mergedCells(Float64Array.of(5000))).toEqual([]);
});
