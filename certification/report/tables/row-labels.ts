import type { CertifiedResults } from '../certified-results.ts';
import { decimalsNeeded } from '../decimals-needed.ts';
import { wholeCell, wordsCell, type Cell, type Column } from './printed-table.ts';
import { noiseText, samplesText, scaleSymbols } from './setting-texts.ts';

/** What tells the rows of a table of several results apart. */
export interface RowLabels {
  readonly columns: readonly Column[];
  /** The cells of each result, in the order of the results. */
  readonly cells: readonly (readonly Cell[])[];
}

/** Something that results can differ in. */
interface Trait {
  readonly column: Column;
  readonly cell: (results: CertifiedResults) => Cell;
}

const others: readonly Trait[] = [
  { column: { heading: 'mode', align: 'left' }, cell: ({ setting }) => wordsCell(setting.mode) },
  { column: { heading: 'n0', align: 'right' }, cell: ({ setting }) => wholeCell(setting.n0) },
  { column: { heading: 'n', align: 'right' }, cell: ({ setting }) => wholeCell(setting.n) },
  { column: { heading: 'α', align: 'right' }, cell: ({ setting }) => wordsCell(String(setting.alpha)) },
  { column: { heading: 'examples', align: 'right' }, cell: ({ radii }) => wholeCell(radii.length) },
];

/**
 * Columns that name the rows of a table: the noise always, model and setting where the results differ in them, and the results'
 * own names where all of that leaves two of them alike.
 */
export function rowLabels(results: readonly CertifiedResults[]): RowLabels {
  const differs = ({ cell }: Trait) => new Set(results.map((each) => cell(each).text)).size > 1;
  const traits = [...[modelTrait(results)].filter(differs), noiseTrait(results), ...others.filter(differs)];
  const rows = results.map((each) => traits.map(({ cell }) => cell(each)));
  const columns = traits.map(({ column }) => column);
  const unique = new Set(rows.map((row) => JSON.stringify(row))).size === rows.length;
  if (unique) return { columns, cells: rows };
  const names = shortNames(results.map(({ name }) => name));
  return {
    columns: [{ heading: 'results', align: 'left' }, ...columns],
    cells: rows.map((row, at) => [wordsCell(names[at]), ...row]),
  };
}

/** The same as one text each, for a plot: `σ = 0.25`, `resnet.onnx, σ = 0.25`, …. */
export function rowTexts(results: readonly CertifiedResults[]): string[] {
  const { columns, cells } = rowLabels(results);
  return results.map(({ setting }, row) =>
    cells[row]
      .map(({ text }, at) => {
        const { heading } = columns[at];
        if (heading === scaleSymbols[setting.law]) return noiseText(setting);
        if (heading === 'n') return samplesText(setting);
        return ['results', 'model', 'noise', 'mode'].includes(heading) ? text : `${heading} = ${text}`;
      })
      .filter((text) => text !== '')
      .join(', '),
  );
}

/** Models without the folders that all of them lie in. Of results that alone don't say their model, the results' own names. */
function modelTrait(results: readonly CertifiedResults[]): Trait {
  const isSaid = results.some(({ model }) => model !== undefined);
  const names = shortNames(results.map(({ model, name }) => model ?? (isSaid ? name : '')));
  return {
    column: { heading: 'model', align: 'left' },
    cell: (each) => wordsCell(names[results.indexOf(each)]),
  };
}

/** The scale alone where all noise is of one law. */
function noiseTrait(results: readonly CertifiedResults[]): Trait {
  const laws = new Set(results.map(({ setting }) => setting.law));
  if (laws.size > 1) {
    return { column: { heading: 'noise', align: 'left' }, cell: ({ setting }) => wordsCell(noiseText(setting)) };
  }
  const decimals = decimalsNeeded(results.map(({ setting }) => setting.scale));
  return {
    column: { heading: scaleSymbols[results[0].setting.law], align: 'right' },
    cell: ({ setting: { scale } }) => ({ text: scale.toFixed(decimals), plain: String(scale) }),
  };
}

/** Names without the folders that all of them begin with. */
function shortNames(names: readonly string[]): string[] {
  const parts = names.map((name) => name.split('/'));
  const fewest = Math.min(...parts.map(({ length }) => length)) - 1;
  let shared = 0;
  while (shared < fewest && parts.every((each) => each[shared] === parts[0][shared])) shared += 1;
  return parts.map((each) => each.slice(shared).join('/'));
}
