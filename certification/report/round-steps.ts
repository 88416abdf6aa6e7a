/** Steps that people count in, ascending: 1, 2.5 and 5 times every power of ten from 1e-12 to 1e12. */
export const roundSteps: readonly number[] = Array.from({ length: 25 }, (_, at) => at - 12).flatMap((exponent) =>
  ['1', '2.5', '5'].map((digits) => Number(`${digits}e${exponent}`)),
);
