import { PerimeterError } from '../certification/perimeter-error.ts';
import { readPlan } from '../certification/plan-run.ts';
import type { Plan } from '../certification/records/plan.ts';
import { runKeys } from '../certification/records/run-keys.ts';
import type { Store } from '../certification/storage/store.ts';

/** A run's plan, which must be there. @throws PerimeterError `NotFound`. */
export async function requirePlan(store: Store, run: string): Promise<Plan> {
  const plan = await readPlan(store, run);
  if (plan !== undefined) return plan;
  throw new PerimeterError('NotFound', `Run ${run} has no plan: ${store.url(runKeys.plan(run))} is not there.`);
}
