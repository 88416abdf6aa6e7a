import { noiseKey } from './noise/noise-key.ts';
import { seedlessDigest, type Claim } from './records/claim.ts';

/** The key of the noise that a claim's samples are drawn with. */
export function claimNoiseKey(claim: Claim): readonly [number, number] {
  return noiseKey({ seed: claim.seed, claimDigest: seedlessDigest(claim) });
}
