import { normSymbols } from '../records/norm.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { formatRadius } from '../report/format-radius.ts';
import { groupThousands } from '../report/group-thousands.ts';
import { percentDigits } from '../report/percent-digits.ts';
import { radiusTexts } from '../report/radius-texts.ts';
import { samplesAnExample } from '../report/samples-an-example.ts';
import { decimalsOfShares } from '../report/tables/decimals-of-shares.ts';
import { oneLine, wholeCell, wordsCell, type Cell, type PrintedTable } from '../report/tables/printed-table.ts';
import { settingText } from '../report/tables/setting-texts.ts';
import type { ResultsAt } from './compare-results.ts';
import { pValueText } from './p-value-text.ts';

/** Most indices that a note lists. */
const MOST_LISTED = 12;
const ACR_DECIMALS = 4;

interface Compared {
  readonly a: CertifiedResults;
  readonly b: CertifiedResults;
}

/**
 * A comparison as a table: a row for each radius, with the certified accuracy of both and how they differ.
 *
 * @param options.decimals of the percentages, 0 to 4; left out, what prints every share exactly, at most 2.
 * @param options.examples list the examples by which they differ: as notes, the first few, or as two columns, all of them.
 */
export function comparisonTable(
  at: readonly ResultsAt[],
  {
    a,
    b,
    decimals = decimalsOfShares([a.radii.length]),
    title,
    examples: listed,
  }: Compared & { decimals?: number; title?: string; examples?: 'notes' | 'columns' | undefined },
): PrintedTable {
  const examples = a.radii.length;
  const percent = (count: number) => wordsCell(percentDigits(count, examples, decimals));
  const texts = radiusTexts(at.map(({ radius }) => radius));
  const headings = ['radius', 'A (%)', 'B (%)', 'B − A', 'only A', 'only B', 'p', 'p (Holm)'];
  const columns = headings.map((heading) => ({ heading, align: 'right' as const }));
  const lists = ['examples only A', 'examples only B'].map((heading) => ({ heading, align: 'left' as const }));
  return {
    title:
      title ??
      `Certified accuracy of ${oneLine(a.name)} (A) and ${oneLine(b.name)} (B) on the same ${groupThousands(examples)} examples`,
    columns: [...columns, ...(listed === 'columns' ? lists : [])],
    rows: at.map(({ certifiedA, certifiedB, onlyA, onlyB, pValue, adjustedPValue }, row) => ({
      cells: [
        wordsCell(texts[row]),
        percent(certifiedA),
        percent(certifiedB),
        differenceCell(certifiedB - certifiedA, { examples, decimals }),
        wholeCell(onlyA.length),
        wholeCell(onlyB.length),
        { text: pValueText(pValue), plain: String(pValue) },
        { text: pValueText(adjustedPValue), plain: String(adjustedPValue) },
        ...(listed === 'columns' ? [onlyA, onlyB].map((indices) => wordsCell(indices.join(' '))) : []),
      ],
    })),
    notes: [
      ...sides({ a, b }),
      `Radii of the ${normSymbols[a.setting.norm]} norm in input units. only A, only B: examples certified in one alone. ` +
        "p: McNemar's exact test, two-sided; beside it adjusted by Holm over these radii.",
      ...(a.setting.alpha === b.setting.alpha ? [] : ['The certificates of A and B are of different α.']),
      ...(listed === 'notes' ? at.flatMap((each, row) => listing(each, texts[row])) : []),
    ],
  };
}

/** What else two results found and cost, as a table: a row for each figure. */
export function comparisonFigures({
  a,
  b,
  decimals = decimalsOfShares([a.radii.length]),
}: Compared & { decimals?: number }): PrintedTable {
  const share = (of: (each: CertifiedResults) => number) =>
    [a, b].map((each) => {
      const examples = each.radii.length;
      return wordsCell(percentDigits(Math.round(of(each) * examples), examples, decimals));
    });
  const samples = [a, b].map(({ summary }) => summary.samples);
  const rows: { name: string; cells: Cell[] }[] = [
    { name: 'average certified radius', cells: [a, b].map(acrCell) },
    { name: 'clean accuracy (%)', cells: share(({ summary }) => summary.cleanAccuracy) },
    { name: 'abstained (%)', cells: share(({ summary }) => summary.abstentionRate) },
    { name: 'samples', cells: [...samples.map(wholeCell), ratioCell(samples[1], samples[0])] },
    { name: 'samples an example', cells: [a, b].map(({ summary }) => wholeCell(samplesAnExample(summary).mean)) },
  ];
  return {
    title: 'What else they found, and what they cost',
    columns: ['figure', 'A', 'B', 'B : A'].map((heading, at) => ({ heading, align: at === 0 ? 'left' : 'right' })),
    rows: rows.map(({ name, cells }) => ({ cells: [wordsCell(name), ...cells, wordsCell('')].slice(0, 4) })),
    notes: [a, b].some(({ setting }) => setting.mode === 'sequential')
      ? ['Sequential mode decides the radii asked for alone, so its average certified radius is a lower bound.']
      : [],
  };
}

function sides({ a, b }: Compared): string[] {
  return Object.entries({ A: a, B: b }).flatMap(([letter, { name, model, setting, notes }]) => [
    `${letter}: ${[oneLine(name), ...(model === undefined ? [] : [oneLine(model)]), settingText(setting)].join(', ')}.`,
    ...notes.map((note) => `${letter}: ${oneLine(note)}`),
  ]);
}

function listing({ onlyA, onlyB }: ResultsAt, radius: string): string[] {
  return Object.entries({ 'only A': onlyA, 'only B': onlyB }).flatMap(([which, indices]) => {
    if (indices.length === 0) return [];
    const more = indices.length > MOST_LISTED ? `, and ${indices.length - MOST_LISTED} more` : '';
    return [`Examples certified at ${radius} in ${which}: ${indices.slice(0, MOST_LISTED).join(', ')}${more}.`];
  });
}

/** A difference in points, cut to the decimals. */
function differenceCell(count: number, { examples, decimals }: { examples: number; decimals: number }): Cell {
  const size = percentDigits(Math.abs(count), examples, decimals);
  if (count === 0) return { text: size };
  return { text: `${count < 0 ? '−' : '+'}${size}`, plain: `${count < 0 ? '-' : ''}${size}` };
}

function acrCell({ setting, summary }: CertifiedResults): Cell {
  const text = formatRadius(summary.averageCertifiedRadius, ACR_DECIMALS);
  return { text: setting.mode === 'sequential' ? `≥ ${text}` : text };
}

function ratioCell(value: number, of: number): Cell {
  return { text: of === 0 ? '' : String(Number((value / of).toPrecision(3))) };
}
