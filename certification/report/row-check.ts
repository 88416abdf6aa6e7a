import type { Row } from '../records/certificate.ts';
import { claimedIndex, type Claim } from '../records/claim.ts';

/**
 * Checks rows as they come, one for each example of a claim, in the claim's order.
 *
 * @returns with `check`, which throws a RangeError where rows were missing or out of order.
 */
export function rowCheck(claim: Claim): { add: (row: Row) => void; check: () => void } {
  const { count } = claim.dataset;
  let rows = 0;
  let misplaced: { position: number; found: number; expected: number } | undefined;
  return {
    add: ({ index }) => {
      const expected = claimedIndex(claim, rows);
      if (index !== expected) misplaced ??= { position: rows, found: index, expected };
      rows += 1;
    },
    check: () => {
      if (rows !== count) throw new RangeError(`The claim has ${count} examples, but there are ${rows} rows.`);
      if (misplaced === undefined) return;
      const { position, found, expected } = misplaced;
      throw new RangeError(`Row ${position} is of example ${found}; the claim has example ${expected} there.`);
    },
  };
}
