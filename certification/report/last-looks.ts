import type { Certificate } from '../records/certificate.ts';
import type { SequentialSampling } from '../records/claim.ts';
import type { Summary } from '../records/summary.ts';
import { looks } from '../smoothing/looks.ts';

/**
 * How many estimations of a sequential run ended at each look that ended any, in order of look.
 *
 * @throws RangeError where an estimation's samples end between two looks.
 */
export function lastLooks({ n }: SequentialSampling, certificates: readonly Certificate[]) {
  const grid = looks(n);
  const ended = new Array<number>(grid.length).fill(0);
  for (const row of certificates) {
    if (row.n === 0) continue;
    const at = grid.indexOf(row.n);
    if (at < 0) throw new RangeError(`Example ${row.index} has ${row.n} samples of estimation, where no look is.`);
    ended[at] += 1;
  }
  return grid
    .map((samples, at): NonNullable<Summary['lastLooks']>[number] => ({
      look: at + 1,
      n: samples,
      examples: ended[at],
    }))
    .filter(({ examples }) => examples > 0);
}
