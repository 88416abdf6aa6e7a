const MOST_DECIMALS = 2;

/** The decimals of a percentage: the fewest that print every share of so many examples exactly, at most 2. */
export function decimalsOfShares(examples: readonly number[]): number {
  const exact = (decimals: number) => examples.every((total) => (100 * Number(`1e${decimals}`)) % total === 0);
  const fewest = [0, 1].find(exact);
  return fewest ?? MOST_DECIMALS;
}
