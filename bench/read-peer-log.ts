import { readFileSync } from 'node:fs';

/** One example of a published certification log. */
export type PeerRow =
  | { readonly status: 'abstained' }
  | { readonly status: 'certified'; readonly radius: number; readonly correct: boolean };

const COLUMNS = 'idx\tlabel\tpredict\tradius\tcorrect';
const ABSTAIN = '-1';

/**
 * Reads a log in the columns of locuslab/smoothing's certify.py.
 *
 * @throws Error for a file of other columns, or a row that contradicts itself.
 */
export function readPeerLog(path: string): PeerRow[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  if (!header.startsWith(COLUMNS)) throw new Error(`${path} has the columns ${header}, not ${COLUMNS}.`);
  return lines.map((line, at): PeerRow => {
    const [, label, predict, radius, correct] = line.split('\t');
    const right = label === predict;
    if (!(Number(radius) >= 0) || (correct === '1') !== right) {
      throw new Error(`${path}, line ${at + 2}, contradicts itself: ${line}.`);
    }
    return predict === ABSTAIN
      ? { status: 'abstained' }
      : { status: 'certified', radius: Number(radius), correct: right };
  });
}
