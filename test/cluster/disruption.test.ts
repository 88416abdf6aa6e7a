import { beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { applyCustomTypes } from './support/custom-types.ts';
import { addFakeNodes } from './support/fake-nodes.ts';
import { install } from './support/install.ts';
import { render } from './support/kustomize.ts';
import { MADE_BY_TESTS } from './support/made-by-tests.ts';
import { isRunning, podsNamed, scaleSamplers, type RunningPod } from './support/pods.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

const NODES = ['gpu-0', 'gpu-1', 'gpu-2'];
const GPU = { 'nvidia.com/gpu': '1' };
const kubernetes = await useKubernetes({ kwok: true });

beforeAll(async () => {
  const { kubectl } = kubernetes;
  await applyCustomTypes(kubectl);
  await addFakeNodes(kubectl, [{ name: 'cpu' }, ...NODES.map((name) => ({ name, devices: GPU }))]);
  await install(kubernetes, await render(kubectl, 'gpu'));
  // Where there are other nodes, too.
  const onFake = JSON.stringify({ spec: { template: { spec: { nodeSelector: MADE_BY_TESTS } } } });
  await kubectl(['patch', 'deployment', 'control', '-n', 'perimeter', '-p', onFake]);
});

beforeEach(async () => {
  await kubernetes.kubectl(['uncordon', ...NODES]);
});

test('nodes that are drained together lose their samplers one after the other', async () => {
  const { kubectl, api } = kubernetes;
  const [first, second] = await samplers(3);
  await kubectl(['cordon', ...NODES]);
  expect(await api.evict(first.metadata)).toMatchObject({ status: 201 });
  // Nothing has come in its place.
  expect(await api.evict(second.metadata)).toMatchObject({
    status: 429,
    message: expect.stringContaining("would violate the pod's disruption budget") as unknown,
  });
  await kubectl(['uncordon', ...NODES]);
  await until(
    () => api.evict(second.metadata),
    ({ status }) => status === 201,
  );
});

test('the last sampler, too, leaves a node that is drained', async () => {
  const [last] = await samplers(1);
  expect(await kubernetes.api.evict(last.metadata)).toMatchObject({ status: 201 });
});

test('a sampler that is not ready holds nothing up', async () => {
  const { kubectl, api } = kubernetes;
  const [unready, ready] = await samplers(2);
  const condition = { type: 'Ready', status: 'False', reason: 'Test', lastTransitionTime: new Date().toISOString() };
  const patch = JSON.stringify({ status: { conditions: [condition] } });
  await kubectl(['patch', 'pod', unready.metadata.name, '-n', 'perimeter', '--subresource=status', '-p', patch]);
  await untilHealthy('sampler', 1);
  expect(await api.evict(ready.metadata)).toMatchObject({ status: 429 });
  expect(await api.evict(unready.metadata)).toMatchObject({ status: 201 });
});

test('of two control workers one stays', async () => {
  const { kubectl, api } = kubernetes;
  const pods = await until(
    () => podsNamed(kubectl, 'control'),
    (there) => there.length === 2 && there.every(isRunning),
  );
  await untilHealthy('control', 2);
  await kubectl(['cordon', 'cpu']);
  const answers = [];
  for (const { metadata } of pods) answers.push((await api.evict(metadata)).status);
  expect(answers).toEqual([201, 429]);
});

/** So many samplers, all of which the budget knows to be there. */
async function samplers(count: number): Promise<readonly [RunningPod, RunningPod]> {
  const { running, waiting } = await scaleSamplers(kubernetes.kubectl, count);
  expect(waiting).toEqual([]);
  await untilHealthy('sampler', count);
  return running as unknown as readonly [RunningPod, RunningPod];
}

interface Budget {
  readonly status: { readonly currentHealthy: number };
}

/** Waits until a budget has counted the pods that there are. */
async function untilHealthy(name: string, count: number): Promise<void> {
  await until(
    () => kubernetes.kubectl.get<Budget>('poddisruptionbudget', name, '-n', 'perimeter'),
    ({ status }) => status.currentHealthy === count,
  );
}
