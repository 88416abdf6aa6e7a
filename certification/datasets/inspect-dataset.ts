import type { Dataset } from './dataset.ts';

export interface DatasetInspection {
  readonly examples: number;
  readonly shape: readonly number[];
  readonly kind: Dataset['kind'];
  readonly sha256: string;
  /** Whether every value is some k/255, so that noise on it is exact and no radius is lost to snapping. */
  readonly onLattice: boolean;
  /** The least and the greatest value, in input units. */
  readonly values: { readonly min: number; readonly max: number };
  /** Every label that occurs, ascending, and how many examples have it. */
  readonly labels: readonly { readonly label: number; readonly examples: number }[];
}

/** Reads a dataset through and says what is in it. */
export async function inspectDataset(dataset: Dataset): Promise<DatasetInspection> {
  const histogram = new Map<number, number>();
  let min = Infinity;
  let max = -Infinity;
  for (let index = 0; index < dataset.examples; index++) {
    const { label, values } = await dataset.read(index);
    histogram.set(label, (histogram.get(label) ?? 0) + 1);
    for (const value of values) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  const unit = dataset.kind === 'uint8' ? 255 : 1;
  return {
    examples: dataset.examples,
    shape: dataset.shape,
    kind: dataset.kind,
    sha256: dataset.sha256,
    onLattice: dataset.kind === 'uint8',
    values: { min: min / unit, max: max / unit },
    labels: [...histogram].map(([label, examples]) => ({ label, examples })).sort((a, b) => a.label - b.label),
  };
}
