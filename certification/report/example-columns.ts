import type { Certificate } from '../records/certificate.ts';

/** What became of an example, the weakest first; `certified` has the label, `misclassified` has a certificate of another class. */
export const outcomes = ['failed', 'misclassified', 'skipped', 'abstained', 'certified'] as const;
export type Outcome = (typeof outcomes)[number];

/** What the page shows of examples, a column each, at positions of the claim: 45 bytes an example. */
export interface ExampleColumns {
  readonly index: Float64Array;
  readonly label: Int32Array;
  /** −1 where there is none. */
  readonly prediction: Int32Array;
  /** The selection's guess; −1 where there is none. */
  readonly selected: Int32Array;
  /** Places in `outcomes`. */
  readonly outcome: Uint8Array;
  readonly radius: Float64Array;
  readonly n: Uint32Array;
  readonly count: Uint32Array;
  readonly lowerBound: Float64Array;
}

/**
 * Gathers columns of certificates that come one after another in the claim's order.
 *
 * @param examples how many will come.
 */
export function exampleColumns(examples: number): { add: (row: Certificate) => void; columns: ExampleColumns } {
  const columns: ExampleColumns = {
    index: new Float64Array(examples),
    label: new Int32Array(examples),
    prediction: new Int32Array(examples),
    selected: new Int32Array(examples),
    outcome: new Uint8Array(examples),
    radius: new Float64Array(examples),
    n: new Uint32Array(examples),
    count: new Uint32Array(examples),
    lowerBound: new Float64Array(examples),
  };
  let at = 0;
  return {
    columns,
    add: (row) => {
      columns.index[at] = row.index;
      columns.label[at] = row.label;
      columns.prediction[at] = row.prediction ?? -1;
      columns.selected[at] = row.selected ?? -1;
      columns.outcome[at] = outcomes.indexOf(outcomeOf(row));
      columns.radius[at] = row.radius;
      columns.n[at] = row.n;
      columns.count[at] = row.count;
      columns.lowerBound[at] = row.lowerBound;
      at += 1;
    },
  };
}

function outcomeOf({ status, correct }: Certificate): Outcome {
  return status === 'certified' && !correct ? 'misclassified' : status;
}

/** The radius that counts for certified accuracy: 0 unless the certificate has the label. */
export function correctRadius({ outcome, radius }: ExampleColumns, at: number): number {
  return outcomes[outcome[at]] === 'certified' ? radius[at] : 0;
}
