/**
 * Moves places on a line apart, as little as a pass downwards and one upwards need, in their order.
 *
 * @param gap between two neighbours at least.
 */
export function separated(places: readonly number[], gap: number): number[] {
  const order = places.map((_, at) => at).sort((a, b) => places[a] - places[b]);
  const moved = [...places];
  const sum = (of: readonly number[]) => of.reduce((total, at) => total + moved[at], 0);
  const before = sum(order);
  order.forEach((at, rank) => {
    if (rank > 0) moved[at] = Math.max(moved[at], moved[order[rank - 1]] + gap);
  });
  // Back by what all were pushed down on average, so that they stay around where they belong.
  const shift = (sum(order) - before) / Math.max(1, places.length);
  return moved.map((place) => place - shift);
}
