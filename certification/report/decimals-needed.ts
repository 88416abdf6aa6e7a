const MOST_DECIMALS = 14;

/** The least number of decimals that spells out every one of the values, or 14 where one needs more. */
export function decimalsNeeded(values: readonly number[]): number {
  let decimals = 0;
  while (decimals < MOST_DECIMALS && values.some((value) => Number(value.toFixed(decimals)) !== value)) decimals += 1;
  return decimals;
}
