/** The norms that a radius can be of. */
export const norms = ['l2', 'linf', 'l1'] as const;
export type Norm = (typeof norms)[number];

/** Norms as people write them. */
export const normSymbols: Readonly<Record<Norm, string>> = { l2: 'ℓ2', linf: 'ℓ∞', l1: 'ℓ1' };
