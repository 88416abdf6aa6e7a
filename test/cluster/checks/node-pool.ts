import type { KubernetesObject } from '../support/objects.ts';
import { ofKind, workerContainer, workers } from '../support/of-kind.ts';
import { workerOptions } from './command-line.ts';

/** The nodes that are bought are those that the samplers of an installation wait for, as many as may be wanted. */
export function nodePool(objects: readonly KubernetesObject[], platform: readonly KubernetesObject[]): string[] {
  const pool = ofKind(platform, 'NodePool').at(0);
  const sampler = workers(objects).find(({ metadata }) => metadata.name === 'sampler');
  if (pool === undefined || sampler === undefined) return ['there is no NodePool, or no sampler'];
  if (workerOptions(workerContainer(sampler).args ?? []).device === 'cpu') return [];
  const pod = sampler.spec.template.spec;
  const { metadata, spec } = pool.spec.template;
  const offered = (key: string) =>
    [
      metadata.labels?.[key] ?? [],
      spec.requirements.find((requirement) => requirement.key === key)?.values ?? [],
    ].flat();
  const unmet = Object.entries(pod.nodeSelector ?? {}).filter(
    ([key, value]) => value === undefined || !offered(key).includes(value),
  );
  const taints = (spec.taints ?? []).filter(
    ({ key, effect }) =>
      !(pod.tolerations ?? []).some((one) => one.key === key && [undefined, effect].includes(one.effect)),
  );
  const wanted = ofKind(objects, 'ScaledObject').map(({ spec: { maxReplicaCount } }) => maxReplicaCount);
  const limit = Number(pool.spec.limits?.['nvidia.com/gpu'] ?? Infinity);
  const grace = /^(\d+)m$/.exec(spec.terminationGracePeriod ?? '')?.[1];
  return [
    ...unmet.map(([key, value]) => `no node is bought with ${key}=${value ?? ''}, which samplers ask for`),
    ...taints.map(({ key }) => `samplers do not tolerate ${key}, which the nodes have`),
    ...(wanted.every((count) => count <= limit)
      ? []
      : [`${String(wanted)} samplers are wanted of at most ${limit} GPUs`]),
    ...(pool.spec.disruption.consolidationPolicy === 'WhenEmpty' ? [] : ['nodes are taken from samplers at work']),
    ...(Number(grace) * 60 > (pod.terminationGracePeriodSeconds ?? 30)
      ? []
      : ['a node goes before its pods have ended']),
  ];
}
