import { beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from './checks/find-faults.ts';
import { connectionsOf, network } from './checks/network.ts';
import { nodePool } from './checks/node-pool.ts';
import { findKubernetes, type KubernetesPrograms } from './support/find-kubernetes.ts';
import { createKubectl } from './support/kubectl.ts';
import { OVERLAYS, readObjects, render, type Overlay } from './support/kustomize.ts';
import type { KubernetesObject } from './support/objects.ts';

let programs: KubernetesPrograms;
const rendered = new Map<Overlay, readonly KubernetesObject[]>();

beforeAll(async () => {
  programs = await findKubernetes();
  const { hyperkube } = programs;
  // Rendering asks no cluster.
  const kubectl = createKubectl({ hyperkube, kubeconfig: '/dev/null', cache: '/dev/null' });
  for (const overlay of OVERLAYS) rendered.set(overlay, await render(kubectl, overlay));
});

describe.each(OVERLAYS)('in the overlay %s', (overlay) => {
  const objects = () => rendered.get(overlay) ?? [];

  test.each(Object.entries(CHECKS))('%s', (_, check) => {
    expect(check(objects())).toEqual([]);
  });

  test('nodes are bought that samplers can be on', () => {
    expect(nodePool(objects(), readObjects('platform/gpu-nodes.yaml'))).toEqual([]);
  });

  test('workers reach DNS, Temporal, S3 and who they are to the cloud, and nothing else; nothing but Prometheus reaches them', async () => {
    const connections = connectionsOf(objects());
    const wanted = connections.filter((connection) => connection.wanted);
    // Of two workers by IPv4 and IPv6 each.
    expect(wanted.length).toBeGreaterThanOrEqual(4 * 8);
    expect(connections.length - wanted.length).toBeGreaterThanOrEqual(4 * 35);
    expect(await network(objects(), programs.netpol)).toEqual([]);
  });
});
