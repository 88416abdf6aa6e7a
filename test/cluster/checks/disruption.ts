import type { KubernetesObject } from '../support/objects.ts';
import { selects, workers, ofKind } from '../support/of-kind.ts';

/** Each kind of worker leaves its nodes one by one, and the last one too, ready or not. */
export function disruption(objects: readonly KubernetesObject[]): string[] {
  const budgets = ofKind(objects, 'PodDisruptionBudget');
  return workers(objects).flatMap(({ metadata, spec }) => {
    const own = budgets.filter((budget) => selects(budget.spec.selector, spec.template.metadata.labels));
    const others = workers(objects).filter(({ metadata: { name } }) => name !== metadata.name);
    const budget = own.at(0);
    if (budget === undefined || own.length > 1) return [`Deployment ${metadata.name} has ${own.length} budgets`];
    const { selector, minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = budget.spec;
    return [
      ...(minAvailable === undefined
        ? []
        : [`PodDisruptionBudget ${budget.metadata.name} may hold the last pod for good`]),
      ...(maxUnavailable === 1 ? [] : [`PodDisruptionBudget ${budget.metadata.name} doesn't let them go one by one`]),
      ...(unhealthyPodEvictionPolicy === 'AlwaysAllow'
        ? []
        : [`PodDisruptionBudget ${budget.metadata.name} holds pods that never became ready`]),
      ...(others.some((other) => selects(selector, other.spec.template.metadata.labels))
        ? [`PodDisruptionBudget ${budget.metadata.name} counts workers of several kinds`]
        : []),
    ];
  });
}
