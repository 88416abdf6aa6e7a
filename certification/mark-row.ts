import type { Row } from './records/certificate.ts';
import { hasReplayableNoise, type Claim } from './records/claim.ts';

/** A row with the mark of a claim whose samples can't be drawn again. */
export function markRow<Any extends Row>(row: Any, claim: Claim): Any {
  return hasReplayableNoise(claim) ? row : { ...row, replayable: false };
}
