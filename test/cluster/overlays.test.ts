import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { findFaults } from './checks/find-faults.ts';
import { componentChoices } from './support/component-choices.ts';
import { applyCustomTypes } from './support/custom-types.ts';
import { install } from './support/install.ts';
import { copyK8s, OVERLAYS, readObjects, render, writeOverlay } from './support/kustomize.ts';
import { refusals } from './support/refusals.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

const platform = readObjects('platform/gpu-nodes.yaml');
/** Of two Deployments and of their pods. */
const OF_LOADED_IMAGES = Array<unknown>(4).fill(
  expect.stringMatching(/^Validation failed for ValidatingAdmissionPolicy .*: images must be pinned by digest$/),
);
const kubernetes = await useKubernetes();
const copy = copyK8s(temporaryFolder(afterAll));

beforeAll(async () => {
  await applyCustomTypes(kubernetes.kubectl);
});

describe('a real API server takes', () => {
  test.each(OVERLAYS)('the overlay %s, and lets its pods in', async (overlay) => {
    const { kubectl, api, programs } = kubernetes;
    const objects = await render(kubectl, overlay);
    await install(kubernetes, objects);
    // A second time, and of each pod.
    const warned = overlay === 'local-cpu' ? OF_LOADED_IMAGES : [];
    expect(await refusals(api, objects)).toEqual(warned);
    expect(await findFaults({ objects, platform, netpol: programs.netpol })).toEqual([]);
  });

  test.each(componentChoices().map((components) => ({ components, name: components.join(' + ') || 'no component' })))(
    'the base with $name',
    async ({ components, name }) => {
      const { kubectl, api, programs } = kubernetes;
      const overlay = `of-${name.replaceAll(/[^a-z]+/g, '-')}`;
      writeOverlay(copy, overlay, components);
      const objects = await render(kubectl, overlay, { copy });
      expect(await refusals(api, objects)).toEqual([]);
      expect(await findFaults({ objects, platform, netpol: programs.netpol })).toEqual([]);
    },
  );

  test.each(['gpu-nodes', 'eks-auto-mode'])('platform/%s', async (file) => {
    expect(await refusals(kubernetes.api, readObjects(`platform/${file}.yaml`))).toEqual([]);
  });
});
