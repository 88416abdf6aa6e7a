import { hasReplayableNoise, type Claim } from './records/claim.ts';

/** What sets certificates apart from the usual ones, of ℓ2 radii by Gaussian noise that can be drawn again. */
export interface ClaimMarks {
  readonly norm?: NonNullable<Claim['norm']>;
  readonly noise?: 'uniform';
  readonly replayable?: false;
}

/** The marks that a claim's rows, summary and manifest bear, each by itself: none where the claim is a usual one. */
export function claimMarks(claim: Pick<Claim, 'norm' | 'noise'>): ClaimMarks {
  return {
    ...(claim.norm !== undefined && { norm: claim.norm }),
    ...(claim.noise.lambda !== undefined && { noise: 'uniform' as const }),
    ...(!hasReplayableNoise(claim) && { replayable: false as const }),
  };
}
