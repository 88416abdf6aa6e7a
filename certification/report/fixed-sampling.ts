import type { Claim } from '../records/claim.ts';

/** The statistics of a claim of CERTIFY; a claim of PREDICT has no radii to report. */
export function fixedSampling(claim: Claim): Extract<Claim['sampling'], { mode: 'fixed' }> {
  if (claim.sampling.mode !== 'fixed') {
    throw new RangeError(`Expected a claim of sampling mode "fixed", found "${claim.sampling.mode}".`);
  }
  return claim.sampling;
}
