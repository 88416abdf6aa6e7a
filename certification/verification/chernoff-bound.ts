/** Halvings of the interval searched for t: any t gives a valid bound, and this many leave nothing to gain. */
const HALVINGS = 44;
/** e^(t·f) stays finite. */
const LARGEST_EXPONENT = 700;
/** Relative error of a mean. */
const ROUNDING = 1e-9;

/**
 * The p-value of a mean of `n` independent draws of f, whose expectation is 0: twice a bound on the tail on the mean's side,
 * min over t of E[e^(tf)]ⁿ·e^(−t·n·mean) (Chernoff, "A measure of asymptotic efficiency for tests of a hypothesis", 1952). It is
 * at most α with a chance of at most α, for every n and every law, with no normal approximation. For a mean z standard errors
 * off and n large it is about 2·exp(−z²/2), some 2.5·z times the normal law's.
 *
 * @param values f at each outcome; its expectation under `probabilities` is 0
 * @param probabilities of the outcomes, of sum 1
 * @param mean of the n draws of f
 * @param n how many draws
 * @returns the bound, at most 1; 0 where no draws could have that mean
 */
export function chernoffBound({
  values,
  probabilities,
  mean,
  n,
}: {
  values: Float64Array;
  probabilities: Float64Array;
  mean: number;
  n: number;
}): number {
  const sign = mean < 0 ? -1 : 1;
  const goal = Math.abs(mean);
  let largest = 0;
  let most = -Infinity;
  for (const value of values) {
    largest = Math.max(largest, Math.abs(value));
    most = Math.max(most, sign * value);
  }
  // The mean of draws that all give the most is that, but for rounding.
  if (goal > most * (1 + ROUNDING)) return 0;
  let from = 0;
  let to = LARGEST_EXPONENT / largest;
  let best = 0;
  for (let i = 0; i < HALVINGS; i++) {
    const t = (from + to) / 2;
    // ln E[e^(tf)] by way of e^(tf) − 1: n multiplies its error.
    let excess = 0;
    let tilted = 0;
    for (let k = 0; k < values.length; k++) {
      const f = sign * values[k];
      const e = probabilities[k] * Math.expm1(t * f);
      excess += e;
      tilted += f * e;
    }
    best = Math.min(best, Math.log1p(excess) - t * goal);
    // The tilted mean grows with t; the best t is where it is the goal.
    if (tilted / (1 + excess) < goal) from = t;
    else to = t;
  }
  return Math.min(1, 2 * Math.exp(n * best));
}
