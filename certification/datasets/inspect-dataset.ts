import { PerimeterError } from '../perimeter-error.ts';
import type { Dataset, Example } from './dataset.ts';
import { labelWarnings } from './label-warnings.ts';

/** Of examples that are read one by one, so many are tried; the others' labels are known without reading them. */
const TRIED = 100;

export interface DatasetInspection {
  readonly examples: number;
  readonly shape: readonly number[];
  readonly kind: Dataset['kind'];
  /** Of the dataset's files; null where only examples that are certified are digested. */
  readonly sha256: string | null;
  /** Whether every value is some k/255, so that noise on it is exact and no radius is lost to snapping. */
  readonly onLattice: boolean;
  /** The least and the greatest value of the examples that were read, in input units. */
  readonly values: { readonly min: number; readonly max: number };
  /** Examples that were read, spread over all, and those among them that couldn't be, with why. */
  readonly read: number;
  readonly unreadable: readonly { readonly index: number; readonly reason: string }[];
  /** Every label that occurs, ascending, how many examples have it, and its class's name where it is known. */
  readonly labels: readonly { readonly label: number; readonly examples: number; readonly name?: string }[];
  /** What is suspicious about the labels, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Says what is in a dataset: all of its labels, and the values of all of its examples, or of a hundred of them where
 * they are read one by one.
 *
 * @param modelClasses how many classes the model has, where it is known: for the warnings.
 */
export async function inspectDataset(
  dataset: Dataset,
  { modelClasses }: { modelClasses?: number | undefined } = {},
): Promise<DatasetInspection> {
  const { examples, shape, kind, sha256, classNames } = dataset;
  const counts = new Map<number, number>();
  for (let index = 0; index < examples; index++) {
    const label = dataset.label(index);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const labels = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([label, count]) => {
      const name = classNames?.[label];
      return { label, examples: count, ...(name !== undefined && { name }) };
    });
  const read = dataset.digestOf === 'files' ? examples : Math.min(examples, TRIED);
  const unreadable: { index: number; reason: string }[] = [];
  let min = Infinity;
  let max = -Infinity;
  for (let at = 0; at < read; at++) {
    const index = Math.floor((at * examples) / read);
    const example = await readOrReason(dataset, index);
    if ('reason' in example) unreadable.push(example);
    else {
      for (const value of example.values) {
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
  }
  const unit = kind === 'uint8' ? 255 : 1;
  return {
    examples,
    shape,
    kind,
    sha256,
    onLattice: kind === 'uint8',
    values: { min: min / unit, max: max / unit },
    read,
    unreadable,
    labels,
    warnings: labelWarnings(dataset, labels, modelClasses),
  };
}

async function readOrReason(dataset: Dataset, index: number): Promise<Example | { index: number; reason: string }> {
  try {
    return await dataset.read(index);
  } catch (error) {
    if (!(error instanceof PerimeterError && error.code === 'UnreadableExample')) throw error;
    return { index, reason: error.message };
  }
}
