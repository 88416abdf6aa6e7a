import type { Row } from '../records/certificate.ts';
import { claimedIndex, type Claim } from '../records/claim.ts';

/** @throws RangeError unless there is one row for each example of the claim, in the claim's order. */
export function checkRows(claim: Claim, rows: readonly Row[]): void {
  const { count } = claim.dataset;
  if (rows.length !== count)
    throw new RangeError(`The claim has ${count} examples, but there are ${rows.length} rows.`);
  const position = rows.findIndex((row, at) => row.index !== claimedIndex(claim, at));
  if (position >= 0) {
    const expected = claimedIndex(claim, position);
    throw new RangeError(
      `Row ${position} is of example ${rows[position].index}; the claim has example ${expected} there.`,
    );
  }
}
