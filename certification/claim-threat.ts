import type { ThreatModel } from './convert-norm.ts';
import type { Claim } from './records/claim.ts';
import { normOf } from './records/norm.ts';

/** What of a claim decides what its radii are about. */
type ThreateningClaim = Pick<Claim, 'norm'> & {
  readonly noise: Pick<Claim['noise'], 'lambda'>;
  readonly model: Pick<Claim['model'], 'shape'>;
};

/** What the radii of a claim's certificates are about. */
export function claimThreat(claim: ThreateningClaim): ThreatModel {
  return {
    norm: normOf(claim),
    lambda: claim.noise.lambda,
    dimensions: claim.model.shape.reduce((product, side) => product * side, 1),
  };
}
