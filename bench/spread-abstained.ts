/** The top class of ten has at least this share, if selection found it. */
const LEAST_TOP_SHARE = 0.1;
/** The density is taken over so much of the probabilities. */
const WINDOW = 0.1;

/**
 * Probabilities for examples of which only an abstention is known: evenly below the probability at which CERTIFY ceases to abstain,
 * as densely as the known ones lie in the tenth above it, and no deeper than a tenth.
 *
 * @param count how many examples abstained
 * @param known probabilities of the others
 * @param threshold the abstain threshold as a share of n
 */
export function spreadAbstained({
  count,
  known,
  threshold,
}: {
  count: number;
  known: readonly number[];
  threshold: number;
}): number[] {
  const near = known.filter((p) => p >= threshold && p < threshold + WINDOW).length;
  const width = Math.min((count / near) * WINDOW, threshold - LEAST_TOP_SHARE);
  return Array.from({ length: count }, (_, at) => threshold - (width * (at + 0.5)) / count);
}
