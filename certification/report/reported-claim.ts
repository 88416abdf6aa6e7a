import type { Claim } from '../records/claim.ts';

/** What pages and plots say of the statistics behind results: those of a claim, or what is said of an import's. */
export type ReportedClaim = Pick<Claim, 'sampling' | 'stub'> & { readonly noise: Pick<Claim['noise'], 'sigma'> };
