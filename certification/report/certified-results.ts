import type { Claim } from '../records/claim.ts';
import type { Norm } from '../records/norm.ts';
import type { Summary } from '../records/summary.ts';

/** What certificates are of, as tables name it. */
export interface CertifiedSetting {
  readonly mode: 'fixed' | 'sequential';
  readonly norm: Norm;
  /** Gaussian noise of standard deviation `scale`, or noise uniform on [−scale, scale]; in input units. */
  readonly law: 'gaussian' | 'uniform';
  readonly scale: number;
  readonly n0: number;
  /** In sequential mode at most. */
  readonly n: number;
  readonly alpha: number;
  readonly rho: number;
}

/** Results of CERTIFY as tables, plots and comparisons take them: of a run, or of a file that was made elsewhere. */
export interface CertifiedResults {
  /** A run's id, or a file's path as it was given. */
  readonly name: string;
  /** The model, by the last part of its location; undefined where the results don't say. */
  readonly model?: string | undefined;
  readonly setting: CertifiedSetting;
  readonly summary: Summary;
  /** Each example's place in the dataset, in order. */
  readonly indices: Float64Array;
  readonly labels: Int32Array;
  /** Each example's radius where the certificate is correct, else −1. */
  readonly radii: Float64Array;
  /** What the examples are of; undefined where the results don't say. */
  readonly dataset?: Claim['dataset'] | undefined;
  /** What a reader of these results should know, a sentence each. */
  readonly notes: readonly string[];
}
