import type {
  Container,
  Deployment,
  KubernetesObject,
  Labels,
  NodePool,
  PodDisruptionBudget,
  PriorityClass,
  ScaledObject,
  Selector,
  Service,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from './objects.ts';

interface Kinds {
  readonly ConfigMap: KubernetesObject;
  readonly Deployment: Deployment;
  readonly Namespace: KubernetesObject;
  readonly NetworkPolicy: KubernetesObject;
  readonly NodePool: NodePool;
  readonly PodDisruptionBudget: PodDisruptionBudget;
  readonly PriorityClass: PriorityClass;
  readonly ResourceClaimTemplate: KubernetesObject;
  readonly ScaledObject: ScaledObject;
  readonly Service: Service;
  readonly ValidatingAdmissionPolicy: ValidatingAdmissionPolicy;
  readonly ValidatingAdmissionPolicyBinding: ValidatingAdmissionPolicyBinding;
}

/** The objects of a kind; whether they are well-formed is not looked at here. */
export function ofKind<Kind extends keyof Kinds>(
  objects: readonly KubernetesObject[],
  kind: Kind,
): readonly Kinds[Kind][] {
  return objects.filter((object): object is Kinds[Kind] => object.kind === kind);
}

export function deployments(objects: readonly KubernetesObject[]): readonly Deployment[] {
  return ofKind(objects, 'Deployment');
}

/** The two that run the project's own image. */
export function workers(objects: readonly KubernetesObject[]): readonly Deployment[] {
  return deployments(objects).filter(({ metadata }) => ['control', 'sampler'].includes(metadata.name));
}

/** The project's container of one of them. */
export function workerContainer({ metadata, spec }: Deployment): Container {
  const container = spec.template.spec.containers.find(({ name }) => name === 'worker');
  if (container === undefined) throw new Error(`Deployment ${metadata.name} has no container named worker`);
  return container;
}

export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels = {}): boolean {
  if (matchExpressions.some(({ operator }) => operator !== 'In')) throw new Error('only the operator In is known here');
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values = [] }) => values.includes(labels[key] ?? ''))
  );
}

/** The Deployment of that name. @throws Error where there is none */
export function deploymentOf(objects: readonly KubernetesObject[], name: string): Deployment {
  const found = deployments(objects).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no Deployment ${name}`);
  return found;
}
