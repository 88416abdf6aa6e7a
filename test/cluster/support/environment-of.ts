import type { Deployment, KubernetesObject } from './objects.ts';
import { ofKind, workerContainer } from './of-kind.ts';

/** The environment of a worker's container, by name; a value that comes from a Secret is empty here. */
export function environmentOf(
  deployment: Deployment,
  objects: readonly KubernetesObject[],
): Partial<Record<string, string>> {
  const { env = [], envFrom = [] } = workerContainer(deployment);
  const maps = ofKind(objects, 'ConfigMap');
  const data = envFrom.map(
    ({ configMapRef }) => maps.find(({ metadata }) => metadata.name === configMapRef?.name)?.data,
  );
  const own = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
  return Object.assign({}, ...data, own) as Partial<Record<string, string>>;
}
