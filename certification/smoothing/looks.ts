/** The first look, and what every look is a multiple of: few samples, and whole rows of most batches. */
const FIRST_LOOK = 32;
/** Each look has this many times the samples of the one before. */
const GROWTH = 1.15;

/**
 * The sample numbers at which sequential mode looks at an example's counts: 32·1.15ⁱ rounded up to a multiple of 32, each once, and
 * at last `n`.
 *
 * @param n the most samples of the estimation, an integer from 1
 * @returns ascending; 52 looks for n = 100,000
 */
export function looks(n: number): number[] {
  const grid: number[] = [];
  for (let t = FIRST_LOOK; ; t *= GROWTH) {
    const look = Math.ceil(t / FIRST_LOOK) * FIRST_LOOK;
    if (look >= n) return [...grid, n];
    if (look !== grid.at(-1)) grid.push(look);
  }
}
