/** The norms that a radius can be of. */
export const norms = ['l2', 'linf', 'l1'] as const;
export type Norm = (typeof norms)[number];

/** Norms as people write them. */
export const normSymbols: Readonly<Record<Norm, string>> = { l2: 'ℓ2', linf: 'ℓ∞', l1: 'ℓ1' };

/** The norm of the radii of a claim, a row or a summary: they name it where it is not ℓ2. */
export function normOf({ norm }: { readonly norm?: Norm | undefined }): Norm {
  return norm ?? 'l2';
}
