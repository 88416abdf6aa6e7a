import { until } from '../../support/until.ts';
import type { KubernetesObject } from './objects.ts';
import { asList } from './kustomize.ts';
import { ofKind } from './of-kind.ts';
import type { Kubernetes } from './start-kubernetes.ts';

/** A pod that Pod Security takes and the installation's own policies don't. */
const UNLIMITED = {
  securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'unlimited',
      image: `example.com/image@sha256:${'0'.repeat(64)}`,
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};

/** Applies an installation to a cluster, and waits until its policies hold. */
export async function install(
  { kubectl, api }: Pick<Kubernetes, 'kubectl' | 'api'>,
  objects: readonly KubernetesObject[],
): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: asList(objects) });
  const namespace = ofKind(objects, 'Namespace').at(0)?.metadata.name ?? '';
  const metadata = { name: 'unlimited', namespace };
  // The API server takes a policy up some seconds after it was told of it.
  await until(
    () => api.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: UNLIMITED }, { dryRun: true }),
    ({ message }) => message?.includes("ValidatingAdmissionPolicy 'perimeter-pods'") === true,
  );
}
