import { expect, test } from 'vitest';
import { chiSquareTail } from '../../certification/verification/chi-square-tail.ts';

test.each([
  [1, 1, 0.3173105078629141],
  [25, 1, 5.7330314375838782e-7],
  [100, 1, 1.5239706048321052e-23],
  [0.001, 2, 0.99950012497916927],
  [40, 2, 2.0611536224385578e-9],
  [20, 7, 0.0055696830729455713],
  [60, 7, 1.5095553022989121e-10],
  [115, 50, 4.9386869487169341e-7],
  [50, 50, 0.47339846855634936],
  [30, 50, 0.98883521972844972],
  [197.3, 101, 3.3615023995102535e-8],
  [465, 512, 0.93257730176395748],
  [800, 512, 5.2238410718083991e-15],
  [2400, 2001, 1.4146350331749401e-9],
  [3000, 2000, 2.2046986113889961e-43],
  [1500, 2001, 1],
  [10700, 9800, 2.0998613762923301e-10],
])('P(χ² ≥ %d) with %d degrees of freedom is what mpmath gives to 40 digits', (x, df, tail) => {
  expect(Math.abs(chiSquareTail({ x, df }) / tail - 1)).toBeLessThan(1e-10);
});

test('a tail is 1 at 0, falls with x, and is 0 where a double can hold no more', () => {
  expect(chiSquareTail({ x: 0, df: 3 })).toBe(1);
  expect(chiSquareTail({ x: 5000, df: 1000 })).toBe(0);
  expect(() => chiSquareTail({ x: NaN, df: 3 })).toThrow(RangeError);
  expect(() => chiSquareTail({ x: 1, df: 0 })).toThrow(RangeError);
});
