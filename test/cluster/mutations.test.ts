import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { findFaults } from './checks/find-faults.ts';
import { COMPOSED, type BadEdit, type EditedOverlay } from './support/bad-edits/bad-edit.ts';
import { OF_BASE } from './support/bad-edits/of-base.ts';
import { OF_COMPONENTS } from './support/bad-edits/of-components.ts';
import { OF_OVERLAYS } from './support/bad-edits/of-overlays.ts';
import { OF_SAMPLER } from './support/bad-edits/of-sampler.ts';
import { applyCustomTypes } from './support/custom-types.ts';
import { install } from './support/install.ts';
import { copyK8s, OVERLAYS, readObjects, render, writeOverlay } from './support/kustomize.ts';
import type { KubernetesObject } from './support/objects.ts';
import { refusals } from './support/refusals.ts';
import { useKubernetes } from './support/use-kubernetes.ts';

const BAD_EDITS = [...OF_SAMPLER, ...OF_BASE, ...OF_COMPONENTS, ...OF_OVERLAYS];
const kubernetes = await useKubernetes();
const copy = copyK8s(temporaryFolder(afterAll));
for (const [overlay, components] of Object.entries(COMPOSED)) writeOverlay(copy, overlay, components);
const edited = [...OVERLAYS, ...(Object.keys(COMPOSED) as (keyof typeof COMPOSED)[])] as const;
const unedited = new Map<EditedOverlay, string>();

beforeAll(async () => {
  await applyCustomTypes(kubernetes.kubectl);
  await install(kubernetes, await render(kubernetes.kubectl, 'gpu', { copy }));
});

/** All that stands in an overlay and beside it. */
async function read(overlay: EditedOverlay) {
  const objects = await render(kubernetes.kubectl, overlay, { copy });
  return { objects, platform: readObjects('platform/gpu-nodes.yaml', { copy }) };
}

async function faultsOf(
  overlay: EditedOverlay,
  { objects, platform }: { objects: readonly KubernetesObject[]; platform: readonly KubernetesObject[] },
): Promise<string[]> {
  const { netpol } = kubernetes.programs;
  // Its images, by a name without a digest, are refused where `gpu` is installed.
  const refused = overlay === 'local-cpu' ? [] : await refusals(kubernetes.api, [...objects, ...platform]);
  // What the API server refuses may be nothing that can be judged further.
  const found = await findFaults({ objects, platform, netpol }).catch((error: unknown) => [String(error)]);
  return [...refused, ...found];
}

test.each(edited)('nothing is found in the overlay %s as it is', async (overlay) => {
  const installation = await read(overlay);
  unedited.set(overlay, JSON.stringify(installation));
  expect(await faultsOf(overlay, installation)).toEqual([]);
});

describe.each([...new Set(BAD_EDITS.map(({ file }) => file))])('in %s is found', (file) => {
  test.each(BAD_EDITS.filter((edit) => edit.file === file))('$name', async (edit) => {
    const restore = apply(edit);
    try {
      const faults = await faultsUnder(edit);
      expect(faults.join('\n')).toMatch(edit.caught);
    } finally {
      restore();
    }
  });
});

/** Edits the copy. @returns what undoes it */
function apply({ file, from, to }: BadEdit): () => void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no text "${from}"`);
  writeFileSync(path, text.replaceAll(from, to));
  return () => {
    writeFileSync(path, text);
  };
}

async function faultsUnder({ overlay }: BadEdit): Promise<string[]> {
  let installation;
  try {
    installation = await read(overlay);
  } catch (error) {
    return [String(error)];
  }
  expect(JSON.stringify(installation), 'the edit changes what is applied').not.toBe(unedited.get(overlay));
  return faultsOf(overlay, installation);
}
