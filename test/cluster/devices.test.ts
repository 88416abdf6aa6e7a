import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { addFakeNodes, removeFakeNodes } from './support/fake-nodes.ts';
import { install } from './support/install.ts';
import { asList, copyK8s, render, writeOverlay } from './support/kustomize.ts';
import { MADE_BY_TESTS } from './support/made-by-tests.ts';
import { refusal, scaleSamplers } from './support/pods.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

const DRIVER = 'gpu.nvidia.com';
const kubernetes = await useKubernetes({ kwok: true });
const copy = copyK8s(temporaryFolder(afterAll));

/** The installation with these components, and no sampler yet. */
async function installed(components: readonly string[]) {
  const { kubectl } = kubernetes;
  const overlay = components.join('-and-');
  writeOverlay(copy, overlay, components);
  await install(kubernetes, await render(kubectl, overlay, { copy }));
  await scaleSamplers(kubectl, 0);
  await removeFakeNodes(kubectl);
}

describe('with the component mig', () => {
  beforeEach(() => installed(['gpu', 'mig']));

  test('each sampler has one slice, and none takes a whole GPU', async () => {
    const { kubectl } = kubernetes;
    await addFakeNodes(kubectl, [
      { name: 'whole', devices: { 'nvidia.com/gpu': '1' } },
      { name: 'sliced', devices: { 'nvidia.com/mig-1g.10gb': '3' } },
    ]);
    const { running, waiting } = await scaleSamplers(kubectl, 4);
    expect(running.map(({ spec }) => spec.nodeName)).toEqual(['sliced', 'sliced', 'sliced']);
    expect(waiting.map(refusal)).toEqual([expect.stringContaining('Insufficient nvidia.com/mig-1g.10gb')]);
  });
});

describe('with the component dra', () => {
  beforeEach(() => installed(['gpu', 'dra']));

  test('each sampler is allocated a GPU of its own that is large enough', async () => {
    const { kubectl } = kubernetes;
    await addFakeNodes(
      kubectl,
      ['large-0', 'large-1', 'small'].map((name) => ({ name, devices: {} })),
    );
    const devices = [deviceClass, slice('large-0', '24Gi'), slice('large-1', '40Gi'), slice('small', '8Gi')];
    await kubectl(['create', '-f', '-'], { input: asList(devices) });
    const { running, waiting } = await scaleSamplers(kubectl, 3);
    expect(running.map(({ spec }) => spec.nodeName).sort()).toEqual(['large-0', 'large-1']);
    expect(waiting.map(refusal)).toEqual([expect.stringContaining('cannot allocate all claims')]);
    expect(await allocatedPools()).toEqual(['large-0', 'large-1']);
    // What a sampler had is free for the next when it is gone.
    expect((await scaleSamplers(kubectl, 1)).running).toHaveLength(1);
    await until(allocatedPools, (pools) => pools.length === 1);
  });
});

/** As NVIDIA's driver publishes it. */
const deviceClass = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name: DRIVER, labels: MADE_BY_TESTS },
  spec: { selectors: [{ cel: { expression: `device.driver == '${DRIVER}'` } }] },
};

/** The one GPU of a node, as the driver there publishes it. */
function slice(nodeName: string, memory: string) {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: nodeName, labels: MADE_BY_TESTS },
    spec: {
      driver: DRIVER,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', capacity: { memory: { value: memory } } }],
    },
  };
}

interface Claims {
  readonly items: readonly {
    readonly status?: { readonly allocation?: { readonly devices: { readonly results: readonly { pool: string }[] } } };
  }[];
}

async function allocatedPools(): Promise<string[]> {
  const { items } = await kubernetes.kubectl.get<Claims>('resourceclaims', '-n', 'perimeter');
  return items.flatMap(({ status }) => (status?.allocation?.devices.results ?? []).map(({ pool }) => pool)).sort();
}
