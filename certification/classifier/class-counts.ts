/** The class of the largest count, the lower one on a tie; the last entry, of NaN, is no class. */
export function topClass(counts: readonly number[]): number {
  let top = 0;
  for (let k = 1; k < counts.length - 1; k++) if (counts[k] > counts[top]) top = k;
  return top;
}

/** The largest count of another class; NaN, the last entry, counts as a class of its own. */
export function largestOther(counts: readonly number[], guess: number): number {
  return counts.reduce((largest, count, k) => (k === guess ? largest : Math.max(largest, count)), 0);
}

/**
 * As `largestOther`, where the last entry holds samples that were lost too: they may have been of any class, and it is counted to
 * the largest.
 */
export function largestOtherWithLost(counts: readonly number[], guess: number): number {
  return largestOther(counts.slice(0, -1), guess) + counts[counts.length - 1];
}
