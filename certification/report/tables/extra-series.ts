/** A row of a table and a curve of a plot that is made of several results and is none of them, such as an envelope. */
export interface ExtraSeries {
  readonly label: string;
  /** What it is, and what it isn't, as a sentence. */
  readonly note: string;
  /** Of which `certifiedAt` counts. */
  readonly examples: number;
  /** How many are certified at a radius: at every one that all of the results can be asked for. */
  readonly certifiedAt: (radius: number) => number;
  readonly averageCertifiedRadius?: number;
}
