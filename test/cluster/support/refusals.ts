import type { Api } from './api.ts';
import type { KubernetesObject } from './objects.ts';
import { deployments } from './of-kind.ts';

/**
 * What the API server has against objects, by dry runs that change nothing: of each object as it is, and of a pod as each
 * Deployment makes them, since much is refused of pods alone. Errors and warnings, a sentence each; none where all is well.
 */
export async function refusals(api: Api, objects: readonly KubernetesObject[]): Promise<string[]> {
  const answers = await Promise.all([
    ...objects.map((object) => api.apply(object, { dryRun: true })),
    ...podsOf(objects).map((pod) => api.create(pod, { dryRun: true })),
  ]);
  return answers.flatMap(({ message, warnings }) => [...(message === undefined ? [] : [message]), ...warnings]);
}

/** A pod as each Deployment makes them. */
export function podsOf(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return deployments(objects).map(({ metadata: { name, namespace }, spec: { template } }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: `${name}-dry-run`, ...(namespace !== undefined && { namespace }) },
    spec: template.spec,
  }));
}
