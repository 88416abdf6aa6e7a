import type { DoubleDouble } from './double-double.ts';

export const ONE: DoubleDouble = { hi: 1, lo: 0 };
export const LN_2: DoubleDouble = { hi: 0.6931471805599453, lo: 2.3190468138462996e-17 };
/** ln √(2π) */
export const LN_SQRT_2_PI: DoubleDouble = { hi: 0.9189385332046728, lo: -3.8782941580672414e-17 };
