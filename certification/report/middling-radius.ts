import { claimThreat } from '../claim-threat.ts';
import { fromOwnNorm } from '../convert-norm.ts';
import type { Claim } from '../records/claim.ts';

/** A radius that a claim's noise is made for, in the claim's norm: what σ certifies of p̲_A = 0.84, and λ/2 of 0.75. */
export function middlingRadius(claim: Pick<Claim, 'norm' | 'noise' | 'model'>): number {
  const { sigma, lambda } = claim.noise;
  return fromOwnNorm(lambda === undefined ? sigma : lambda / 2, claimThreat(claim));
}
