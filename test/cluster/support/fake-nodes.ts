import type { Kubectl } from './kubectl.ts';
import { asList } from './kustomize.ts';
import { MADE_BY_TESTS, MADE_BY_TESTS_SELECTOR } from './made-by-tests.ts';
import { KWOK_NODE } from './start-kwok.ts';

export interface FakeNode {
  readonly name: string;
  readonly zone?: string;
  /** What it has besides CPUs and memory, such as `nvidia.com/gpu: '1'`; such a node is tainted and labelled as GPU nodes are. */
  readonly devices?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Adds nodes that exist only in the API: kwok has their pods run, and nothing runs. */
export async function addFakeNodes(kubectl: Kubectl, nodes: readonly FakeNode[]): Promise<void> {
  await kubectl(['apply', '--server-side', '-f', '-'], { input: asList(nodes.map(object)) });
  const names = nodes.map(({ name }) => `node/${name}`);
  await kubectl(['wait', '--for=condition=Ready', '--timeout=60s', ...names]);
}

/** Takes them away. */
export async function removeFakeNodes(kubectl: Kubectl): Promise<void> {
  await kubectl(['delete', 'nodes', '-l', MADE_BY_TESTS_SELECTOR, '--wait=true']);
}

function object({ name, zone = 'zone-a', devices, labels }: FakeNode) {
  const resources = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110', ...devices };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: KWOK_NODE,
      labels: {
        ...MADE_BY_TESTS,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': zone,
        ...(devices && { accelerator: 'nvidia' }),
        ...labels,
      },
    },
    spec: { taints: devices ? [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }] : [] },
    status: { capacity: resources, allocatable: resources },
  };
}
