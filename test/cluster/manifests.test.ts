import { beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from './checks/find-faults.ts';
import { connectionsOf, network } from './checks/network.ts';
import { nodePool } from './checks/node-pool.ts';
import { findKubernetes, type KubernetesPrograms } from './support/find-kubernetes.ts';
import { createKubectl } from './support/kubectl.ts';
import { OVERLAYS, readObjects, render, type Overlay } from './support/kustomize.ts';
import { judgeNetwork } from './support/judge-network.ts';
import type { KubernetesObject } from './support/objects.ts';

const NAME = 'app.kubernetes.io/name';

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

  test('what EKS in Auto Mode needs opens its DNS to workers, and nothing else', async () => {
    const opened = readObjects('platform/eks-auto-mode.yaml');
    const all = [...objects(), ...opened];
    expect(await network(all, programs.netpol)).toEqual([]);
    const dns = connectionsOf(objects())
      .filter(({ from, protocol }) => from.pod?.namespace === 'perimeter' && protocol === 'UDP')
      .map((connection) => ({ ...connection, to: { ip: '172.20.0.10' }, port: 53 }));
    const judge = (policies: typeof all) => judgeNetwork(programs.netpol, { objects: policies, connections: dns });
    expect(await judge([...objects()])).not.toContain(true);
    const isWorker = dns.map(({ from }) => ['control', 'sampler'].includes(from.pod?.labels[NAME] ?? ''));
    expect(await judge(all)).toEqual(isWorker);
  });
});
