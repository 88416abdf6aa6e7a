import type { KubernetesObject } from '../support/objects.ts';
import { workers } from '../support/of-kind.ts';

/** A new version of the samplers comes without a spare GPU; one of the control worker never leaves none. */
export function rollout(objects: readonly KubernetesObject[]): string[] {
  return workers(objects).flatMap(({ metadata: { name }, spec }) => {
    const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {};
    if (name === 'sampler') return maxSurge === 0 ? [] : ['Deployment sampler needs a spare device to roll out'];
    return maxUnavailable === 0 ? [] : ['Deployment control stops workers before others are there'];
  });
}
