import type { Certificate } from '../records/certificate.ts';
import { cohenHeader } from '../records/cohen-columns.ts';
import { decimalAtMost } from './decimal-at-most.ts';
import { formatRadius } from './format-radius.ts';
import type { Sink, TableWriter } from './table-writer.ts';

const HEADER = cohenHeader.join('\t');
/** Cohen et al.'s code prints three decimals, rounded. */
const RADIUS_DECIMALS = 6;
/** Times differ from run to run; these rows are a function of the claim. */
const NO_TIME = '0:00:00';

/** Prints a certificate's radius, never above it. */
export type RadiusText = (row: Pick<Certificate, 'radius' | 'certifiedRadii'>) => string;

/**
 * Certificates in the columns of Cohen et al.'s `certify.py` (github.com/locuslab/smoothing), which its analysis
 * scripts read. `predict` is −1 for every example without a certificate: abstained, skipped or failed.
 *
 * @param radiusText left out, six decimals, floored.
 */
export function cohenTsv(write: Sink, radiusText: RadiusText = sixDecimals): TableWriter<Certificate> {
  let unwritten = `${HEADER}\n`;
  const add = async (certificates: readonly Certificate[]) => {
    const text = unwritten + certificates.map((row) => line(row, radiusText)).join('');
    unwritten = '';
    if (text !== '') await write(new TextEncoder().encode(text));
  };
  return { add, finish: () => add([]) };
}

function line(row: Certificate, radiusText: RadiusText): string {
  const fields = [row.index, row.label, row.prediction ?? -1, radiusText(row), row.correct ? 1 : 0, NO_TIME];
  return `${fields.join('\t')}\n`;
}

/** Radii of sequential mode are those that were asked for, which the scripts compare with the same decimals. */
function sixDecimals({ radius, certifiedRadii }: Parameters<RadiusText>[0]): string {
  return certifiedRadii === undefined ? formatRadius(radius, RADIUS_DECIMALS) : decimalAtMost(radius, RADIUS_DECIMALS);
}
