import type { Certificate } from '../records/certificate.ts';
import type { SequentialSampling } from '../records/claim.ts';
import type { Summary } from '../records/summary.ts';
import { looks } from '../smoothing/looks.ts';

type LastLooks = NonNullable<Summary['lastLooks']>;

/**
 * Counts how many estimations of a sequential run ended at each look that ended any, in order of look.
 *
 * @returns with `add`, which throws a RangeError where an estimation's samples end between two looks.
 */
export function lastLookCount({ n }: SequentialSampling): { add: (row: Certificate) => void; counts: () => LastLooks } {
  const grid = looks(n);
  const ended = new Array<number>(grid.length).fill(0);
  return {
    add: (row) => {
      if (row.n === 0) return;
      const at = grid.indexOf(row.n);
      if (at < 0) throw new RangeError(`Example ${row.index} has ${row.n} samples of estimation, where no look is.`);
      ended[at] += 1;
    },
    counts: () =>
      grid
        .map((samples, at): LastLooks[number] => ({ look: at + 1, n: samples, examples: ended[at] }))
        .filter(({ examples }) => examples > 0),
  };
}
