import type { Deployment, KubernetesObject } from '../support/objects.ts';
import { deployments, ofKind } from '../support/of-kind.ts';

/** Made by hand: they hold what may not be in a repository. */
const SECRETS = ['temporal-mtls', 'temporal-api-key'];
const OUTSIDE_NAMESPACES = [
  'Namespace',
  'PriorityClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
];

/** Whatever one object names is there, in the one namespace of the installation. */
export function references(objects: readonly KubernetesObject[]): string[] {
  const names = (wanted: string) => objects.filter(({ kind }) => kind === wanted).map(({ metadata }) => metadata.name);
  const missing = (by: string, kind: string, name: string | undefined) =>
    name === undefined || names(kind).includes(name) ? [] : [`${by} names the ${kind} ${name}, which is not there`];
  const namespace = names('Namespace').at(0);
  const elsewhere = objects.filter(
    ({ kind, metadata }) => !OUTSIDE_NAMESPACES.includes(kind) && metadata.namespace !== namespace,
  );
  return [
    ...elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.name} is not in the namespace ${namespace ?? ''}`),
    ...deployments(objects).flatMap((deployment) => ofDeployment(deployment, missing)),
    ...ofKind(objects, 'ValidatingAdmissionPolicyBinding').flatMap(({ metadata, spec }) =>
      missing(`Binding ${metadata.name}`, 'ValidatingAdmissionPolicy', spec.policyName),
    ),
    ...ofKind(objects, 'ScaledObject').flatMap(({ metadata, spec }) => [
      ...missing(`ScaledObject ${metadata.name}`, spec.scaleTargetRef.kind, spec.scaleTargetRef.name),
      ...spec.triggers.flatMap(({ authenticationRef }) =>
        missing(`ScaledObject ${metadata.name}`, 'TriggerAuthentication', authenticationRef?.name),
      ),
    ]),
  ];
}

function ofDeployment(
  { metadata, spec }: Deployment,
  missing: (by: string, kind: string, name: string | undefined) => string[],
): string[] {
  const by = `Deployment ${metadata.name}`;
  const pod = spec.template.spec;
  // The cloud knows who a worker is by it.
  const nobody = ['control', 'sampler'].includes(metadata.name) && pod.serviceAccountName !== metadata.name;
  const secrets = (pod.volumes ?? []).flatMap(({ secret }) => secret ?? []);
  return [
    ...(nobody ? [`${by} runs as the service account ${pod.serviceAccountName ?? 'of everybody'}`] : []),
    ...missing(by, 'ServiceAccount', pod.serviceAccountName),
    ...missing(by, 'PriorityClass', pod.priorityClassName),
    ...(pod.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName }) =>
      missing(by, 'ResourceClaimTemplate', resourceClaimTemplateName),
    ),
    ...(pod.volumes ?? []).flatMap((volume) =>
      missing(by, 'PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName),
    ),
    ...pod.containers
      .flatMap(({ envFrom = [] }) => envFrom)
      .flatMap(({ configMapRef }) => missing(by, 'ConfigMap', configMapRef?.name)),
    ...secrets.flatMap(({ secretName }) =>
      SECRETS.includes(secretName) ? [] : [`${by} names the Secret ${secretName}, which nothing tells to make`],
    ),
    // Octal digits that were read as decimal ones would give rights to others.
    ...secrets.flatMap(({ secretName, defaultMode }) =>
      defaultMode === 0o440 ? [] : [`${by}: the files of the Secret ${secretName} have another mode than 0440`],
    ),
  ];
}
