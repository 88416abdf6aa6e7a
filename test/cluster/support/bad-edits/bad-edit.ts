/** An edit of `k8s/` by which something would go wrong, and what is said of it. */
export interface BadEdit {
  readonly file: string;
  readonly name: string;
  /** A text of the file, and what stands in its place. */
  readonly from: string;
  readonly to: string;
  /** Where it shows. */
  readonly overlay: EditedOverlay;
  readonly caught: RegExp;
}

/** Overlays that make use of all that is edited: those of the repository, and others of these components. */
export const COMPOSED = {
  'with-mig': ['gpu', 'mig'],
  'with-dra': ['gpu', 'dra'],
  'with-mtls': ['gpu', 'keda', 'temporal-mtls'],
  'with-api-key': ['gpu', 'keda', 'temporal-cloud-apikey'],
} as const;
export type EditedOverlay = 'local-cpu' | 'gpu' | 'spot' | keyof typeof COMPOSED;

export type Row = readonly [name: string, from: string, to: string, caught: RegExp];

export const rowsOf = (file: string, overlay: EditedOverlay, list: readonly Row[]): BadEdit[] =>
  list.map(([name, from, to, caught]) => ({ file, overlay, name, from, to, caught }));

/** Of the addresses that are not to be reached. */
export const PRIVATE = '10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, ';
