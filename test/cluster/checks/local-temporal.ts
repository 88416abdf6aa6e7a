import { SearchAttributeType } from '@temporalio/common';
import { PYPI_REQUIREMENT } from '../../../cli/dev/temporal-cli.ts';
import { runAttributes } from '../../../workflows/search-attributes.ts';
import { environmentOf } from '../support/environment-of.ts';
import type { KubernetesObject } from '../support/objects.ts';
import { deployments, ofKind, selects, workers } from '../support/of-kind.ts';

/** As the server's command calls them. */
const TYPES: Partial<Record<string, string>> = {
  [SearchAttributeType.KEYWORD]: 'Keyword',
  [SearchAttributeType.DOUBLE]: 'Double',
};

/** A Temporal dev server in the installation is of the tests' version, knows what runs are searched by, and is found. */
export function localTemporal(objects: readonly KubernetesObject[]): string[] {
  const server = deployments(objects).find(({ metadata }) => metadata.name === 'temporal');
  const container = server?.spec.template.spec.containers.at(0);
  if (server === undefined || container === undefined) return [];
  const { args = [], ports = [], image } = container;
  const version = /==(.*)$/.exec(PYPI_REQUIREMENT)?.[1] ?? '';
  const attributes = Object.values(runAttributes)
    .map(({ name, type }) => `--search-attribute=${name}=${TYPES[type] ?? type}`)
    .filter((argument) => !args.includes(argument));
  const addresses = ofKind(objects, 'Service')
    .filter(({ spec }) => selects({ matchLabels: spec.selector }, server.spec.template.metadata.labels))
    .flatMap(({ metadata, spec }) =>
      spec.ports
        .filter(({ targetPort }) => ports.some(({ name, containerPort }) => [name, containerPort].includes(targetPort)))
        .map(({ port }) => `${metadata.name}:${port}`),
    );
  const lost = workers(objects).filter(
    (worker) => !addresses.includes(environmentOf(worker, objects).TEMPORAL_ADDRESS ?? ''),
  );
  return [
    ...(image.includes(`:${version}@`)
      ? []
      : [`Deployment temporal is not of version ${version}, which the tests are made with`]),
    ...attributes.map((argument) => `Deployment temporal lacks ${argument}`),
    ...lost.map(
      ({ metadata }) => `Deployment ${metadata.name} looks for Temporal elsewhere than at ${addresses.join(', ')}`,
    ),
  ];
}
