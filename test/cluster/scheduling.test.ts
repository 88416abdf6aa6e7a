import { afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { applyCustomTypes } from './support/custom-types.ts';
import { addFakeNodes, removeFakeNodes } from './support/fake-nodes.ts';
import { install } from './support/install.ts';
import { asList, render } from './support/kustomize.ts';
import { MADE_BY_TESTS } from './support/made-by-tests.ts';
import { podsNamed, refusal, scaleSamplers, type RunningPod } from './support/pods.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

/** A namespace for pods of somebody else. */
const OTHERS = 'others-of-perimeter-test';
const GPU = { 'nvidia.com/gpu': '1' };
const kubernetes = await useKubernetes({ kwok: true });

beforeAll(async () => {
  await applyCustomTypes(kubernetes.kubectl);
  await install(kubernetes, await render(kubernetes.kubectl, 'gpu'));
  const others = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OTHERS, labels: MADE_BY_TESTS } };
  await kubernetes.kubectl(['create', '-f', '-'], { input: JSON.stringify(others) });
  // Whoever waits since before there were nodes says so for a while.
  await scaleSamplers(kubernetes.kubectl, 0);
});

afterEach(async () => {
  const { kubectl } = kubernetes;
  await kubectl(['delete', 'pods', '-n', OTHERS, '--all']);
  await scaleSamplers(kubectl, 0);
  await removeFakeNodes(kubectl);
});

test('of five samplers on three nodes with a GPU each, three run and two wait for a GPU', async () => {
  const { kubectl } = kubernetes;
  await addFakeNodes(kubectl, [
    { name: 'cpu' },
    ...['gpu-0', 'gpu-1', 'gpu-2'].map((name) => ({ name, devices: GPU })),
  ]);
  const { running, waiting } = await scaleSamplers(kubectl, 5);
  expect(nodesOf(running)).toEqual(['gpu-0', 'gpu-1', 'gpu-2']);
  expect(waiting).toHaveLength(2);
  for (const pod of waiting) expect(refusal(pod)).toContain('Insufficient nvidia.com/gpu');
});

test('control workers stay off the nodes with GPUs', async () => {
  const { kubectl } = kubernetes;
  await addFakeNodes(kubectl, [{ name: 'gpu-0', devices: GPU }, { name: 'cpu' }]);
  const pods = await until(
    () => podsNamed(kubectl, 'control'),
    (there) => there.every(({ spec }) => spec.nodeName !== undefined),
  );
  expect(pods).toHaveLength(2);
  expect(nodesOf(pods)).not.toContain('gpu-0');
});

test('samplers spread over the zones, though nodes of one have much more room', async () => {
  const { kubectl } = kubernetes;
  const nodes = (zone: string, room: Record<string, string>) =>
    Array.from({ length: 6 }, (_, i) => ({ name: `${zone}-${i}`, zone, devices: { ...GPU, ...room } }));
  await addFakeNodes(kubectl, [...nodes('zone-a', { cpu: '96', memory: '768Gi' }), ...nodes('zone-b', {})]);
  const { running } = await scaleSamplers(kubectl, 6);
  expect(nodesOf(running).map((name) => name.slice(0, 6))).toEqual([...repeat('zone-a', 3), ...repeat('zone-b', 3)]);
});

test('a sampler that waits ends no pod, even one that matters less', async () => {
  const { kubectl } = kubernetes;
  await addFakeNodes(kubectl, [{ name: 'gpu-0', devices: GPU }]);
  await kubectl(['apply', '-f', '-'], { input: asList([priorityClass('least', -1_000), gpuPod('there', 'least')]) });
  await kubectl(['wait', 'pod/there', '-n', OTHERS, '--for=jsonpath={.status.phase}=Running', '--timeout=60s']);
  const { waiting } = await scaleSamplers(kubectl, 1);
  expect(refusal(waiting[0])).toMatch(/Insufficient nvidia.com\/gpu.*not eligible.*preemptionPolicy=Never/);
});

test('a sampler makes way for a pod without a priority', async () => {
  const { kubectl } = kubernetes;
  await addFakeNodes(kubectl, [{ name: 'gpu-0', devices: GPU }]);
  expect((await scaleSamplers(kubectl, 1)).running).toHaveLength(1);
  await kubectl(['apply', '-f', '-'], { input: asList([gpuPod('newcomer')]) });
  await kubectl(['wait', 'pod/newcomer', '-n', OTHERS, '--for=jsonpath={.status.phase}=Running', '--timeout=60s']);
  const pods = await podsNamed(kubectl, 'sampler');
  expect(pods.map(({ status }) => status.phase)).toEqual(['Pending']);
});

function nodesOf(pods: readonly RunningPod[]): string[] {
  return pods.map(({ spec }) => spec.nodeName ?? '').sort();
}

function repeat<T>(value: T, count: number): T[] {
  return Array<T>(count).fill(value);
}

function priorityClass(name: string, value: number) {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, labels: MADE_BY_TESTS },
    value,
  };
}

function gpuPod(name: string, priorityClassName?: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: OTHERS },
    spec: {
      ...(priorityClassName !== undefined && { priorityClassName }),
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      containers: [{ name: 'any', image: 'any', resources: { limits: GPU } }],
    },
  };
}
