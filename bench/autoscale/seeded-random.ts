import { philox4x32 } from '../../certification/noise/philox4x32.ts';

/** Numbers in [0, 1) that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let at = 0;
  return () => philox4x32({ counter: [at++, 0, 0, 0], key: [seed, 0] })[0] / 2 ** 32;
}
