import type { Claim, FixedSampling, SequentialSampling } from '../records/claim.ts';

/** The statistics of a claim of CERTIFY, in either mode; a claim of PREDICT has no radii to report. */
export function certifySampling({ sampling }: Pick<Claim, 'sampling'>): FixedSampling | SequentialSampling {
  if (sampling.mode === 'predict') {
    throw new RangeError('Expected a claim of sampling mode "fixed" or "sequential", found "predict".');
  }
  return sampling;
}
