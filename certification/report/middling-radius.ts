import { claimThreat } from '../claim-threat.ts';
import { fromOwnNorm } from '../convert-norm.ts';
import type { ReportedClaim } from './reported-claim.ts';

/**
 * A radius that a claim's noise is made for, in the claim's norm: what σ certifies of p̲_A = 0.84, and λ/2 of 0.75. Where results
 * don't say the size of an example, in the noise's own norm.
 */
export function middlingRadius({ norm, noise, model }: ReportedClaim): number {
  const { sigma, lambda } = noise;
  const own = lambda === undefined ? sigma : lambda / 2;
  return model === undefined ? own : fromOwnNorm(own, claimThreat({ norm, noise, model }));
}
