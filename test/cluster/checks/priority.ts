import type { KubernetesObject } from '../support/objects.ts';
import { ofKind, workers } from '../support/of-kind.ts';

/** Samplers make way for everything else, and nothing for them. */
export function priority(objects: readonly KubernetesObject[]): string[] {
  const classes = ofKind(objects, 'PriorityClass');
  const sampler = workers(objects).find(({ metadata }) => metadata.name === 'sampler');
  const used = sampler?.spec.template.spec.priorityClassName;
  return [
    ...(classes.some(({ metadata }) => metadata.name === used) ? [] : ['samplers have no priority class']),
    ...classes.flatMap(({ metadata, value, preemptionPolicy, globalDefault = false }) => [
      ...(value < 0 ? [] : [`PriorityClass ${metadata.name} doesn't make way for pods without one`]),
      ...(preemptionPolicy === 'Never' ? [] : [`PriorityClass ${metadata.name} ends other pods`]),
      ...(globalDefault ? [`PriorityClass ${metadata.name} is that of all pods`] : []),
    ]),
  ];
}
