import { beforeAll, expect, test } from 'vitest';
import { applyCustomTypes } from './support/custom-types.ts';
import { install } from './support/install.ts';
import { render } from './support/kustomize.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

/** What would be worth having to whoever takes over a worker: verb, resource, its group. */
const TEMPTING: [string, string, string?][] = [
  ['get', 'secrets'],
  ['list', 'secrets'],
  ['get', 'configmaps'],
  ['list', 'pods'],
  ['create', 'pods'],
  ['create', 'pods/exec'],
  ['get', 'pods/log'],
  ['delete', 'pods'],
  ['create', 'serviceaccounts/token'],
  ['impersonate', 'serviceaccounts'],
  ['get', 'nodes'],
  ['patch', 'deployments', 'apps'],
  ['create', 'rolebindings', 'rbac.authorization.k8s.io'],
  ['delete', 'networkpolicies', 'networking.k8s.io'],
  ['update', 'validatingadmissionpolicies', 'admissionregistration.k8s.io'],
  ['patch', 'scaledobjects', 'keda.sh'],
];

const kubernetes = await useKubernetes();

beforeAll(async () => {
  await applyCustomTypes(kubernetes.kubectl);
  await install(kubernetes, await render(kubernetes.kubectl, 'gpu'));
});

test.each(['control', 'sampler'])('the service account %s may do nothing', async (account) => {
  const asked = TEMPTING.map(async ([verb, path, group = '']) => {
    const [resource, subresource] = path.split('/');
    const resourceAttributes = { namespace: 'perimeter', verb, group, resource, subresource };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: { name: '' },
      spec: { user: `system:serviceaccount:perimeter:${account}`, groups: GROUPS, resourceAttributes },
    };
    const { object } = await kubernetes.api.create(review, { dryRun: false });
    return { verb, path, allowed: (object as { status: { allowed: boolean } }).status.allowed };
  });
  expect((await Promise.all(asked)).filter(({ allowed }) => allowed)).toEqual([]);
});

/** Of a service account of the namespace. */
const GROUPS = ['system:serviceaccounts', 'system:serviceaccounts:perimeter', 'system:authenticated'];

test.each(['control', 'sampler'])('the service account %s may do what any other may, no more', async (account) => {
  const rights = async (namespace: string, name: string) =>
    (
      await kubernetes.kubectl([
        ...['auth', 'can-i', '--list', '-n', namespace, `--as=system:serviceaccount:${namespace}:${name}`],
      ])
    )
      .split('\n')
      .sort();
  expect(await rights('perimeter', account)).toEqual(await rights('default', 'default'));
});
