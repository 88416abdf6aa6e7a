import { createHash } from 'node:crypto';

/** Whole numbers below 2⁶⁴ that a float32 holds: all below 2²⁴, and 2²³ in each of the 40 binades from there on. */
export const DEVICE_NOISE_SEEDS = 42 * 0x800000;

/** A word of 48 bits of the digest, of which fewer than one in 2¹⁹ is refused to make the rest divide evenly. */
const WORDS = 0x1000000000000;

/**
 * The `seed` attribute of one model process's RandomNormalLike: SHA-256 over the run's noise key and the process's nonce, mapped
 * evenly to the numbers that ONNX Runtime tells apart.
 *
 * ONNX Runtime takes the attribute, a float32, as a whole number of 64 bits, which is Philox's key. Two processes with one seed
 * would draw the same noise, and the selection of an example would not be independent of its estimation. Different seeds are
 * different keys, so that streams never overlap, however long. Within a session the counter goes on from run to run. Of P processes
 * two have one seed with a probability of at most P(P − 1)/2 over the number of seeds: 3e-9 for two, 1.4e-5 for a hundred.
 *
 * The process draws its nonce when it starts, and tells it to nobody: what it draws can't be drawn again.
 *
 * @param key the run's, from `noiseKey`
 * @param nonce 32 random bytes
 */
export function deviceNoiseSeed({ key, nonce }: { key: readonly [number, number]; nonce: Uint8Array }): number {
  for (let round = 0; ; round++) {
    const text = JSON.stringify(['perimeter-device-noise', ...key, Buffer.from(nonce).toString('hex'), round]);
    const word = createHash('sha256').update(text).digest().readUIntBE(0, 6);
    const whole = Math.floor(WORDS / DEVICE_NOISE_SEEDS) * DEVICE_NOISE_SEEDS;
    if (word < whole) return seedAt(word % DEVICE_NOISE_SEEDS);
  }
}

/** The whole numbers that a float32 holds, counted from 0. */
export function seedAt(index: number): number {
  if (index < 0x1000000) return index;
  const binade = Math.floor(index / 0x800000) - 2;
  let seed = 0x800000 + (index % 0x800000);
  for (let doubled = 0; doubled <= binade; doubled++) seed *= 2;
  return seed;
}
