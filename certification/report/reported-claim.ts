import type { Claim } from '../records/claim.ts';
import type { NoiseScale } from '../smoothing/noise-scale.ts';

/** What pages and plots say of the statistics behind results: those of a claim, or what is said of an import's. */
export type ReportedClaim = Pick<Claim, 'sampling' | 'stub' | 'norm'> & {
  readonly noise: NoiseScale;
  /** Undefined where results don't say. */
  readonly model?: Pick<Claim['model'], 'shape'> | undefined;
  /** Whether the results were made elsewhere. */
  readonly imported?: true;
};
