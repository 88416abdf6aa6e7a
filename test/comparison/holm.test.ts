import { expect, it } from 'vitest';
import { holm } from '../../certification/comparison/holm.ts';

it('adjusts as R does: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
});

it('never gives more than 1, never less than the plain one, and keeps ties equal', () => {
  expect(holm([0.5, 0.9, 0.02])).toEqual([1, 1, 0.06]);
  expect(holm([0.2, 0.2])).toEqual([0.4, 0.4]);
  expect(holm([0.3])).toEqual([0.3]);
  expect(holm([])).toEqual([]);
});
