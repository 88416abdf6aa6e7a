import { normSymbols } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';
import { accuracyRows } from './accuracy-rows.ts';
import { formatRadius } from './format-radius.ts';
import { floorPercent } from './floor-percent.ts';
import { groupThousands } from './group-thousands.ts';
import { IMPORTED } from './imported.ts';
import { NOT_REPLAYABLE } from './not-replayable.ts';
import { samplesAnExample } from './samples-an-example.ts';
import { SIMULATED } from './simulated.ts';

const HEADINGS = {
  radius: 'radius',
  certified: 'certified',
  accuracy: 'accuracy',
  lower: 'bound at this radius',
  wholeCurveLower: 'bound at all radii',
};
const COLUMNS = Object.keys(HEADINGS) as (keyof typeof HEADINGS)[];
const GAP = '   ';

/**
 * The certified-accuracy table for a terminal of 80 columns, plain text, with a final newline: at each radius the
 * examples that are correct with at least that radius, their share of all examples, and two lower bounds on the share
 * that is truly robust, one for that radius alone, one for all radii at once. Percentages have two decimals and are
 * floored. In sequential mode it ends with the samples an example cost, and in both with what skipping misclassified
 * examples saved, where any were.
 *
 * @param radii where to read the curve; left out, those of `tableRadii`.
 * @throws PerimeterError `InvalidRequest` where the curve has no point at a radius.
 */
export function accuracyTable(summary: Summary, { radii }: { radii?: readonly number[] } = {}): string {
  const { examples, rho, abstained, skipped, failed } = summary;
  const rows = [HEADINGS, ...accuracyRows(summary, radii)];
  const widths = COLUMNS.map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => COLUMNS.map((column, at) => row[column].padStart(widths[at])).join(GAP));
  const clean = floorPercent(Math.round(summary.cleanAccuracy * examples), examples);
  const atLeast = summary.mode === 'sequential' ? 'at least ' : '';
  return [
    ...(summary.simulated ? [SIMULATED, ''] : []),
    ...(summary.imported ? [IMPORTED, ''] : []),
    ...(summary.replayable === false ? [NOT_REPLAYABLE, ''] : []),
    `Certified accuracy of ${groupThousands(examples)} examples${threatText(summary)}`,
    `(each lower bound holds with probability 1 − ${rho})`,
    '',
    ...lines,
    '',
    `clean accuracy             ${clean}`,
    `average certified radius   ${atLeast}${formatRadius(summary.averageCertifiedRadius, 4)}`,
    `not certified              ${abstained} abstained, ${skipped} skipped, ${failed} failed`,
    ...sampleLines(summary),
    '',
  ].join('\n');
}

/** Which radii, and of which noise, where they are not ℓ2 radii of Gaussian noise. */
function threatText({ norm, noise }: Summary): string {
  return [norm && `, ${normSymbols[norm]} radii`, noise && `, ${noise} noise`]
    .filter((text) => text !== undefined)
    .join('');
}

function sampleLines(summary: Summary): string[] {
  const { mean, most, saved } = samplesAnExample(summary);
  const cost =
    most === undefined
      ? []
      : [`samples an example         ${groupThousands(mean)} on average, ${groupThousands(most)} at most`];
  if (summary.skipped === 0) return cost;
  const atMost = most === undefined ? '' : 'at most ';
  const skipped = groupThousands(summary.skipped);
  return [...cost, `samples saved by skipping  ${atMost}${groupThousands(saved)} an example; ${skipped} skipped`];
}
