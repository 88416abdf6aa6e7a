import { normOf, normSymbols } from '../records/norm.ts';
import type { ReportedClaim } from './reported-claim.ts';

/**
 * What a claim's curve is of, with the norm where it is not ℓ2, which papers leave unsaid.
 *
 * @param scale of the noise, as `scaleText` or `scaleWords` give it.
 */
export function accuracyTitle(claim: Pick<ReportedClaim, 'norm' | 'stub' | 'imported'>, scale: string): string {
  const norm = claim.norm === undefined ? '' : ` in ${normSymbols[normOf(claim)]}`;
  const certified = claim.stub ? 'Simulated: certified' : claim.imported ? 'Imported: certified' : 'Certified';
  return `${certified} accuracy${norm} at ${scale}`;
}
