import type { Kubectl } from './kubectl.ts';
import { asList } from './kustomize.ts';
import type { KubernetesObject } from './objects.ts';
import { deployments } from './of-kind.ts';

/**
 * What the API server has against objects, by dry runs that change nothing: of each object as it is, and of a pod as each
 * Deployment makes them, since much is refused of pods alone. Errors and warnings, a line each; none where all is well.
 */
export async function refusals(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const dryRun = ['--dry-run=server', '-f', '-'];
  const apply = ['apply', '--server-side', '--force-conflicts', ...dryRun];
  const [applied, created] = await Promise.all([
    kubectl.attempt(apply, { input: asList(objects) }),
    kubectl.attempt(['create', ...dryRun], { input: asList(podsOf(objects)) }),
  ]);
  return [applied, created].flatMap(({ stderr }) => stderr.split('\n')).filter((line) => line.trim() !== '');
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
