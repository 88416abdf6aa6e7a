import type { KubernetesObject, ValidatingAdmissionPolicy } from '../support/objects.ts';
import { deployments, ofKind } from '../support/of-kind.ts';
import { LOADED } from './images.ts';

/** The namespace refuses pods that may do harm, and all policies hold there. */
export function namespaceSecurity(objects: readonly KubernetesObject[]): string[] {
  const namespace = ofKind(objects, 'Namespace').at(0);
  if (namespace === undefined) return ['there is no namespace'];
  const { name, labels = {} } = namespace.metadata;
  const enforced = labels['pod-security.kubernetes.io/enforce'];
  const version = labels['pod-security.kubernetes.io/enforce-version'];
  const loaded = deployments(objects).some(({ spec }) =>
    spec.template.spec.containers.some(({ image }) => LOADED.includes(image)),
  );
  return [
    ...(enforced === 'restricted' ? [] : [`the namespace enforces ${enforced ?? 'nothing'}, not restricted`]),
    ...(/^v1\.\d+$/.test(version ?? '') ? [] : ['what the namespace refuses changes with the version of Kubernetes']),
    ...ofKind(objects, 'ValidatingAdmissionPolicy').flatMap((policy) => [
      ...(policy.spec.failurePolicy === 'Fail'
        ? []
        : [`the policy ${policy.metadata.name} lets pass what it can't judge`]),
      ...boundFaults(policy, { name, loaded, objects }),
    ]),
  ];
}

function boundFaults(
  { metadata }: ValidatingAdmissionPolicy,
  { name, loaded, objects }: { name: string; loaded: boolean; objects: readonly KubernetesObject[] },
): string[] {
  const bindings = ofKind(objects, 'ValidatingAdmissionPolicyBinding');
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
