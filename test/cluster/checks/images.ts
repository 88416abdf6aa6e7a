import type { KubernetesObject } from '../support/objects.ts';
import { deployments } from '../support/of-kind.ts';

const PINNED = /@sha256:[0-9a-f]{64}$/;
/** Those that are loaded into a node, which have no digest of a registry: in local-cpu alone. */
export const LOADED = ['localhost/perimeter-control:local', 'localhost/perimeter-sampler:local'];

/** Every image is named by its digest, but for those that were built beside a node. */
export function images(objects: readonly KubernetesObject[]): string[] {
  return deployments(objects).flatMap(({ metadata, spec }) =>
    [...spec.template.spec.containers, ...(spec.template.spec.initContainers ?? [])]
      .filter(({ image }) => !PINNED.test(image) && !LOADED.includes(image))
      .map(({ image }) => `Deployment ${metadata.name} has the image ${image} by a name that can move`),
  );
}
