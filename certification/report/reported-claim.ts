import type { Claim } from '../records/claim.ts';
import type { NoiseScale } from '../smoothing/noise-scale.ts';

/** What pages and plots say of the statistics behind results: those of a claim, or what is said of an import's. */
export type ReportedClaim = Pick<Claim, 'sampling' | 'stub' | 'norm'> & {
  readonly noise: NoiseScale;
  /** What an example is; not known of an import. */
  readonly model?: Pick<Claim['model'], 'shape'>;
  readonly imported?: true;
};
