import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { applyCustomTypes } from './support/custom-types.ts';
import { install } from './support/install.ts';
import { render } from './support/kustomize.ts';
import type { Container, Deployment, KubernetesObject, PodSpec } from './support/objects.ts';
import { deploymentOf } from './support/of-kind.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

const NAMESPACE = 'perimeter';
const TAG = 'registry.example.com/perimeter/sampler-cuda:latest';

const kubernetes = await useKubernetes();
let sampler: Deployment;

beforeAll(async () => {
  await applyCustomTypes(kubernetes.kubectl);
  const objects = await render(kubernetes.kubectl, 'gpu');
  await install(kubernetes, objects);
  sampler = deploymentOf(objects, 'sampler');
});

/** The sampler's pod, otherwise good. */
function pod(edit: (spec: PodSpec) => object = () => ({}), namespace = NAMESPACE): KubernetesObject {
  const { metadata, spec } = sampler.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'edited', namespace },
    spec: { ...spec, ...edit(spec) },
  };
}

function deployment(edit: (spec: PodSpec) => object): KubernetesObject {
  const { template } = sampler.spec;
  return {
    ...sampler,
    spec: { ...sampler.spec, template: { ...template, spec: { ...template.spec, ...edit(template.spec) } } },
  };
}

const first = ({ containers }: PodSpec): Container => containers[0];
const container = (edit: object) => (spec: PodSpec) => ({ containers: [{ ...first(spec), ...edit }] });
const initContainer = (edit: object) => (spec: PodSpec) => ({
  initContainers: [{ ...first(spec), ...PLAIN, name: 'before', ...edit }],
});
const secured = (edit: object) => ({ ...sampler.spec.template.spec.containers[0]?.securityContext, ...edit });
/** A container before the worker's has no probes. */
const PLAIN = { startupProbe: undefined, readinessProbe: undefined, livenessProbe: undefined, ports: undefined };

/** Fields of a pod, and what Pod Security calls them. */
const HARMFUL: [string, (spec: PodSpec) => object, string][] = [
  ['is on the network of its node', () => ({ hostNetwork: true }), 'host namespaces'],
  ['sees the processes of its node', () => ({ hostPID: true }), 'host namespaces'],
  ['shares memory with its node', () => ({ hostIPC: true }), 'host namespaces'],
  ['mounts a folder of its node', () => ({ volumes: [{ name: 'tmp', hostPath: { path: '/' } }] }), 'hostPath'],
  [
    'may run as root',
    (spec) => ({ securityContext: { ...spec.securityContext, runAsNonRoot: false } }),
    'runAsNonRoot',
  ],
  ['runs as root', (spec) => ({ securityContext: { ...spec.securityContext, runAsUser: 0 } }), 'runAsUser=0'],
  [
    'has no seccomp profile',
    (spec) => ({ securityContext: { ...spec.securityContext, seccompProfile: undefined } }),
    'seccomp',
  ],
];

/** Fields of a container that Pod Security refuses. */
const HARMFUL_CONTAINERS: [string, () => object, string][] = [
  ['privileged', () => secured({ privileged: true, allowPrivilegeEscalation: true }), 'privileged'],
  ['that may gain privileges', () => secured({ allowPrivilegeEscalation: true }), 'allowPrivilegeEscalation'],
  ['with its capabilities', () => secured({ capabilities: {} }), 'unrestricted capabilities'],
  [
    'with one more capability',
    () => secured({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
    'must not include "SYS_ADMIN"',
  ],
];

/** What the installation's own policies refuse of a pod. */
const REFUSED: [string, (spec: PodSpec) => object, string][] = [
  ['an image by tag', container({ image: TAG }), 'images must be pinned by digest'],
  ['an image with a digest cut short', container({ image: 'x@sha256:0123' }), 'images must be pinned by digest'],
  [
    'an image of an init container by tag',
    initContainer({ image: TAG }),
    'images of init containers must be pinned by digest',
  ],
  [
    'a root file system that can be written',
    (spec) => container({ securityContext: secured({ readOnlyRootFilesystem: false }) })(spec),
    'must be read-only',
  ],
  [
    'that of an init container',
    (spec) => initContainer({ securityContext: secured({ readOnlyRootFilesystem: undefined }) })(spec),
    'must be read-only',
  ],
  ['no limit of memory', container({ resources: { limits: { 'nvidia.com/gpu': '1' } } }), 'must have a memory limit'],
  ['no limit of memory of an init container', initContainer({ resources: {} }), 'must have a memory limit'],
  [
    'the token of its service account',
    () => ({ automountServiceAccountToken: true }),
    "may mount its service account's token",
  ],
  [
    'no word about the token',
    () => ({ automountServiceAccountToken: undefined }),
    "may mount its service account's token",
  ],
  ['a GPU without the toleration', () => ({ tolerations: [] }), 'must tolerate nvidia.com/gpu'],
];

test('the pod that all others are edits of is let in', async () => {
  expect(await kubernetes.api.create(pod(), { dryRun: true })).toMatchObject({ status: 201, warnings: [] });
  const withInit = pod(initContainer({}));
  expect(await kubernetes.api.create(withInit, { dryRun: true })).toMatchObject({ status: 201, warnings: [] });
});

describe('a pod is refused that', () => {
  test.each(HARMFUL)('%s', async (_, edit, named) => {
    const { status, message } = await kubernetes.api.create(pod(edit), { dryRun: true });
    expect(status).toBe(403);
    expect(message).toContain('violates PodSecurity "restricted:');
    expect(message).toContain(named);
  });

  test.each(HARMFUL_CONTAINERS)('has a container %s, also before or beside the first', async (_, edit, named) => {
    const securityContext = edit();
    for (const edited of [container({ securityContext }), initContainer({ securityContext })]) {
      const { status, message } = await kubernetes.api.create(pod(edited), { dryRun: true });
      expect(status).toBe(403);
      expect(message).toContain(named);
    }
  });

  test.each(REFUSED)('has %s', async (_, edit, sentence) => {
    const { status, message } = await kubernetes.api.create(pod(edit), { dryRun: true });
    expect(status).toBe(422);
    expect(message).toContain(sentence);
  });
});

test.each(REFUSED)('a Deployment is refused whose pods have %s', async (_, edit, sentence) => {
  const { status, message } = await kubernetes.api.apply(deployment(edit), { dryRun: true });
  expect(status).toBe(422);
  expect(message).toContain(sentence);
});

describe('a container that is put into a running pod', () => {
  const running = { name: 'running', namespace: NAMESPACE };
  const debugContainer = () => ({
    name: 'debugger',
    image: first(sampler.spec.template.spec).image,
    securityContext: secured({}),
  });

  beforeAll(async () => {
    const there = { ...pod(), metadata: { ...running } };
    expect(await kubernetes.api.create(there, { dryRun: false })).toMatchObject({ status: 201 });
  });

  test('is let in where it is harmless', async () => {
    expect(await kubernetes.api.debug(running, debugContainer())).toMatchObject({ status: 200, warnings: [] });
  });

  test('is refused with an image by tag', async () => {
    const { message } = await kubernetes.api.debug(running, { ...debugContainer(), image: TAG });
    expect(message).toContain('images of ephemeral containers must be pinned by digest');
  });

  test.each(HARMFUL_CONTAINERS)('is refused %s', async (_, edit, named) => {
    const { status, message } = await kubernetes.api.debug(running, { ...debugContainer(), securityContext: edit() });
    expect(status).toBe(403);
    expect(message).toContain(named);
  });
});

test('a pod in another namespace is none of their business', async () => {
  const elsewhere = pod(
    (spec) => ({
      ...container({ image: TAG })(spec),
      serviceAccountName: 'default',
      automountServiceAccountToken: true,
    }),
    'default',
  );
  expect(await kubernetes.api.create(elsewhere, { dryRun: true })).toMatchObject({ status: 201 });
});

test('every field that the policies name is one that the objects have', async () => {
  const policies = await until(
    () => kubernetes.kubectl.get<Policies>('validatingadmissionpolicies', '-l', 'app.kubernetes.io/part-of=perimeter'),
    ({ items }) =>
      items.length > 0 && items.every(({ metadata, status }) => status?.observedGeneration === metadata.generation),
  );
  expect(policies.items).toHaveLength(4);
  for (const { status } of policies.items) expect(status?.typeChecking).toEqual({});
});

interface Policies {
  readonly items: readonly {
    readonly metadata: { readonly generation: number };
    readonly status?: { readonly observedGeneration?: number; readonly typeChecking?: unknown };
  }[];
}
