import { deployments, ofKind, type KubernetesObject, type Labels } from '../support/objects.ts';
import { LOADED } from './images.ts';

interface Policy extends KubernetesObject {
  readonly spec: { readonly failurePolicy?: string };
}

interface Binding extends KubernetesObject {
  readonly spec: {
    readonly policyName: string;
    readonly validationActions: readonly string[];
    readonly matchResources?: { readonly namespaceSelector?: { readonly matchLabels?: Labels } };
  };
}

/** The namespace refuses pods that may do harm, and all policies hold there. */
export function namespaceSecurity(objects: readonly KubernetesObject[]): string[] {
  const [namespace, ...more] = ofKind(objects, 'Namespace');
  if (namespace === undefined || more.length > 0) return [`${1 + more.length} namespaces, or none`];
  const { name, labels = {} } = namespace.metadata;
  const enforced = labels['pod-security.kubernetes.io/enforce'];
  const version = labels['pod-security.kubernetes.io/enforce-version'];
  const loaded = deployments(objects).some(({ spec }) =>
    spec.template.spec.containers.some(({ image }) => LOADED.includes(image)),
  );
  return [
    ...(enforced === 'restricted' ? [] : [`the namespace enforces ${enforced ?? 'nothing'}, not restricted`]),
    ...(/^v1\.\d+$/.test(version ?? '') ? [] : ['what the namespace refuses changes with the version of Kubernetes']),
    ...ofKind<Policy>(objects, 'ValidatingAdmissionPolicy').flatMap((policy) => [
      ...(policy.spec.failurePolicy === 'Fail'
        ? []
        : [`the policy ${policy.metadata.name} lets pass what it can't judge`]),
      ...boundFaults(policy, { name, loaded, objects }),
    ]),
  ];
}

function boundFaults(
  { metadata }: Policy,
  { name, loaded, objects }: { name: string; loaded: boolean; objects: readonly KubernetesObject[] },
): string[] {
  const bindings = ofKind<Binding>(objects, 'ValidatingAdmissionPolicyBinding');
  const bound = bindings.filter(
    ({ spec }) =>
      spec.policyName === metadata.name &&
      spec.matchResources?.namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === name,
  );
  if (bound.length === 0) return [`the policy ${metadata.name} does not hold in the namespace ${name}`];
  // Where images were loaded into a node, one is told of it.
  const actions = loaded && metadata.name.startsWith('perimeter-images') ? ['Warn'] : ['Deny'];
  return bound.every(({ spec }) => String(spec.validationActions) === String(actions))
    ? []
    : [`the policy ${metadata.name} does not ${actions.join()}`];
}
