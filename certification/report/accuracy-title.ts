import type { Claim } from '../records/claim.ts';
import { normOf, normSymbols } from '../records/norm.ts';

/**
 * What a claim's curve is of, with the norm where it is not ℓ2, which papers leave unsaid.
 *
 * @param scale of the noise, as `scaleText` or `scaleWords` give it.
 */
export function accuracyTitle(claim: Pick<Claim, 'norm' | 'stub'>, scale: string): string {
  const norm = claim.norm === undefined ? '' : ` in ${normSymbols[normOf(claim)]}`;
  return `${claim.stub ? 'Simulated: certified' : 'Certified'} accuracy${norm} at ${scale}`;
}
