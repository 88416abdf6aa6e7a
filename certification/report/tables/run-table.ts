import { normSymbols } from '../../records/norm.ts';
import type { CertifiedResults } from '../certified-results.ts';
import { formatRadius } from '../format-radius.ts';
import { groupThousands } from '../group-thousands.ts';
import { percentDigits } from '../percent-digits.ts';
import { radiusTexts } from '../radius-texts.ts';
import { samplesAnExample } from '../samples-an-example.ts';
import { certifiedPoint } from './certified-point.ts';
import { decimalsOfShares } from './decimals-of-shares.ts';
import { oneLine, wholeCell, wordsCell, type PrintedTable } from './printed-table.ts';
import { settingText } from './setting-texts.ts';
import { sharedRadii } from './shared-radii.ts';

const ACR_DECIMALS = 4;
const BOUND = 'lower bound (%)';

/**
 * The table of one result: a row for each radius, with the examples certified there, their share of all, and two lower bounds of
 * the share that is truly robust, at that radius alone and at all radii at once.
 *
 * @param options.radii left out, those of `tableRadii`.
 * @param options.decimals of the percentages, 0 to 4; left out, what prints every share exactly, at most 2.
 * @throws PerimeterError `InvalidRequest` where the results say nothing of a radius.
 */
export function runTable(
  results: CertifiedResults,
  {
    radii = sharedRadii([results]),
    decimals = decimalsOfShares([results.radii.length]),
    title,
  }: { radii?: readonly number[]; decimals?: number; title?: string } = {},
): PrintedTable {
  const { name, model, setting, summary, notes } = results;
  const examples = results.radii.length;
  const texts = radiusTexts(radii);
  const percent = (share: number) => percentDigits(Math.round(share * examples), examples, decimals);
  const atLeast = setting.mode === 'sequential' ? 'at least ' : '';
  const acr = formatRadius(summary.averageCertifiedRadius, ACR_DECIMALS);
  const { mean } = samplesAnExample(summary);
  return {
    title: title ?? `Certified accuracy of ${oneLine(name)}`,
    columns: [
      ...['radius', 'certified', 'accuracy (%)'].map((heading) => ({ heading, align: 'right' as const })),
      ...['at this radius', 'at all radii'].map((heading) => ({ heading, group: BOUND, align: 'right' as const })),
    ],
    rows: radii.map((radius, at) => {
      const { certified, lower, wholeCurveLower } = certifiedPoint(results, radius);
      return {
        cells: [
          wordsCell(texts[at]),
          wholeCell(certified),
          wordsCell(percentDigits(certified, examples, decimals)),
          wordsCell(percent(lower)),
          wordsCell(percent(wholeCurveLower)),
        ],
      };
    }),
    notes: [
      `${model === undefined ? '' : `${oneLine(model)}, `}${groupThousands(examples)} examples, ${settingText(setting)}, ` +
        `radii of the ${normSymbols[setting.norm]} norm in input units; each bound holds with probability 1 − ${setting.rho}.`,
      `Clean accuracy ${percent(summary.cleanAccuracy)} %, average certified radius ${atLeast}${acr}; ` +
        `${summary.abstained} abstained, ${summary.skipped} skipped, ${summary.failed} failed; ` +
        `${groupThousands(mean)} samples an example.`,
      ...notes.map(oneLine),
    ],
  };
}
