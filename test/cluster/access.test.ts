import { beforeAll, expect, test } from 'vitest';
import { applyCustomTypes } from './support/custom-types.ts';
import { install } from './support/install.ts';
import { render } from './support/kustomize.ts';
import type { Kubectl } from './support/kubectl.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

/** What would be worth having to whoever takes over a worker. */
const TEMPTING = [
  'get secrets',
  'list secrets',
  'get configmaps',
  'list pods',
  'create pods',
  'create pods/exec',
  'get pods/log',
  'delete pods',
  'patch deployments',
  'create serviceaccounts/token',
  'impersonate serviceaccounts',
  'create rolebindings',
  'patch scaledobjects.keda.sh',
  'update validatingadmissionpolicies',
  'get nodes',
];

let kubectl: Kubectl;

beforeAll(async () => {
  const kubernetes = await useKubernetes();
  kubectl = kubernetes.kubectl;
  await applyCustomTypes(kubectl);
  await install(kubernetes, await render(kubectl, 'gpu'));
});

test.each(['control', 'sampler'])('the service account %s may do nothing', async (account) => {
  const as = `--as=system:serviceaccount:perimeter:${account}`;
  for (const asked of TEMPTING) {
    const { stdout } = await kubectl.attempt(['auth', 'can-i', ...asked.split(' '), '-n', 'perimeter', as]);
    expect(`${asked}: ${stdout.trim()}`).toBe(`${asked}: no`);
  }
});

test.each(['control', 'sampler'])('the service account %s may do what any other may, no more', async (account) => {
  const rights = async (namespace: string, name: string) =>
    (await kubectl(['auth', 'can-i', '--list', '-n', namespace, `--as=system:serviceaccount:${namespace}:${name}`]))
      .split('\n')
      .sort();
  expect(await rights('perimeter', account)).toEqual(await rights('default', 'default'));
});
