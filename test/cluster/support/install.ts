import { until } from '../../support/until.ts';
import type { Kubectl } from './kubectl.ts';
import { asList } from './kustomize.ts';
import type { KubernetesObject } from './objects.ts';
import { ofKind } from './of-kind.ts';

/** Applies an installation to a cluster, and waits until its policies hold. */
export async function install(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: asList(objects) });
  await policiesHold(kubectl, objects);
}

/** The API server takes a policy up some seconds after it was told of it. */
async function policiesHold(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  if (ofKind(objects, 'ValidatingAdmissionPolicy').length === 0) return;
  const namespace = ofKind(objects, 'Namespace')[0]?.metadata.name;
  const input = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'without-limits', namespace },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'c',
          image: 'x',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
  const refused = () => kubectl.attempt(['create', '--dry-run=server', '-f', '-'], { input });
  await until(refused, ({ stderr }) => stderr.includes('perimeter-pods'));
}
