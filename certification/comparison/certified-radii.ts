import { readShards } from '../read-rows.ts';
import type { Plan } from '../records/plan.ts';
import type { Store } from '../storage/store.ts';

/** Of each example of a run, in the claim's order: its radius where the certificate is correct, else −1. */
export type CertifiedRadii = Float64Array;

/**
 * The certified radii of a finished run.
 *
 * @param generation of its results.
 */
export async function readCertifiedRadii(store: Store, plan: Plan, generation: number): Promise<CertifiedRadii> {
  const radii = new Float64Array(plan.claim.dataset.count);
  let at = 0;
  for await (const { rows } of readShards({ store, plan, failedShards: [], generation })) {
    for (const row of rows) radii[at++] = row.correct && 'radius' in row ? row.radius : -1;
  }
  return radii;
}

/** How many examples are correct with at least this radius. */
export function countCertified(radii: CertifiedRadii, radius: number): number {
  let count = 0;
  for (const own of radii) if (own >= radius) count += 1;
  return count;
}
