import { claimMarks } from './claim-marks.ts';
import type { Row } from './records/certificate.ts';
import type { Claim } from './records/claim.ts';

/** A row with the marks of its claim, so that it can't be taken for another by itself. */
export function markRow<Any extends Row>(row: Any, claim: Claim): Any {
  return { ...row, ...claimMarks(claim) };
}
