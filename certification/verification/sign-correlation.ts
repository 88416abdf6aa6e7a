/** Sums over pairs (x, y) of draws. */
export interface PairSums {
  pairs: number;
  products: number;
  squaredProducts: number;
}

/** Adds the pairs (x[xFrom + i], y[yFrom + i]), i < count, to the sums. */
export function addPairs({
  sums,
  x,
  xFrom,
  y,
  yFrom,
  count,
}: {
  sums: PairSums;
  x: ArrayLike<number>;
  xFrom: number;
  y: ArrayLike<number>;
  yFrom: number;
  count: number;
}): void {
  let products = 0;
  let squaredProducts = 0;
  for (let i = 0; i < count; i++) {
    const product = x[xFrom + i] * y[yFrom + i];
    products += product;
    squaredProducts += product * product;
  }
  sums.pairs += count;
  sums.products += products;
  sums.squaredProducts += squaredProducts;
}

/**
 * Tests that pairs of draws of a symmetric law are uncorrelated: z = Σxy / √Σx²y², and a bound on the chance of a z as large
 * in size, 2·exp(−z²/2), that holds for any number of pairs. Given the sizes of all draws, their signs are fair and
 * independent; so are then the signs of the products, provided that the pairs, as edges between draws, close no circle
 * (each draw paired with the next of its row, say, or with its partner in another row); and a sum of fair signs obeys
 * Hoeffding's inequality (Hoeffding 1963, theorem 2).
 *
 * @returns z, about a standard normal, and the bound
 */
export function signCorrelation({ products, squaredProducts }: PairSums): { statistic: number; pValue: number } {
  const statistic = squaredProducts === 0 ? 0 : products / Math.sqrt(squaredProducts);
  return { statistic, pValue: Math.min(1, 2 * Math.exp(-(statistic ** 2) / 2)) };
}
