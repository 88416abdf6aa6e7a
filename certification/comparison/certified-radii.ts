import { readRows } from '../read-rows.ts';
import type { Row } from '../records/certificate.ts';
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
  return certifiedRadii(await readRows({ store, plan, failedShards: [], generation }));
}

/** The certified radii of the rows of a run; a prediction without a radius counts as one of 0. */
export function certifiedRadii(rows: readonly Row[]): CertifiedRadii {
  return Float64Array.from(rows, (row) => (row.correct ? ('radius' in row ? row.radius : 0) : -1));
}

/** How many examples are correct with at least this radius. */
export function countCertified(radii: CertifiedRadii, radius: number): number {
  let count = 0;
  for (const own of radii) if (own >= radius) count += 1;
  return count;
}
