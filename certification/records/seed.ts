import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { jsonDigest } from './canonical-json.ts';

/** Where a run's seed comes from. */
export const seedSourceSchema = z.discriminatedUnion('source', [
  z.strictObject({ source: z.literal('random').describe('Drawn after the rest of the claim was committed to.') }),
  z.strictObject({ source: z.literal('given').describe('Chosen by hand: it may have been shopped for.') }),
  z.strictObject({
    source: z.literal('challenge').describe("The hash of a reviewer's text with the rest of the claim."),
    challenge: z.string(),
  }),
]);
export type SeedSource = z.infer<typeof seedSourceSchema>;

/**
 * The seed that answers a reviewer's challenge: 64 hexadecimal digits that nobody could choose who didn't know the text before the rest
 * of the claim was fixed.
 *
 * @param seedlessDigest of the claim without its seed.
 */
export function challengeSeed(challenge: string, seedlessDigest: string): string {
  return jsonDigest(['perimeter-challenge', challenge, seedlessDigest]);
}

/** A seed drawn at random: 32 hexadecimal digits. */
export function drawnSeed(): string {
  return randomBytes(16).toString('hex');
}

/** Whether a seed looks as one that was drawn. */
export function looksDrawn(seed: string): boolean {
  return /^[0-9a-f]{32}$/.test(seed);
}
