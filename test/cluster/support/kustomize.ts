import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import type { Kubectl } from './kubectl.ts';
import type { KubernetesObject } from './objects.ts';

const k8s = fileURLToPath(new URL('../../../k8s', import.meta.url));

/** The overlays that the repository has. */
export const OVERLAYS = ['local-cpu', 'gpu', 'spot'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** A copy of the repository's `k8s/` in a folder, to be edited. */
export function copyK8s(folder: string): string {
  const copy = join(folder, 'k8s');
  cpSync(k8s, copy, { recursive: true });
  return copy;
}

/** An overlay of one's own in a copy: the base with these components, and images by digest. */
export function writeOverlay(copy: string, name: string, components: readonly string[]): void {
  const digest = `sha256:${'0'.repeat(64)}`;
  const folder = join(copy, 'overlays', name);
  mkdirSync(folder);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'perimeter',
    resources: ['../../base'],
    components: components.map((component) => `../../components/${component}`),
    images: ['control', 'sampler'].map((role) => ({
      name: `perimeter-${role}`,
      newName: `registry.example.com/${role}`,
      digest,
    })),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
}

/** The objects that kustomize makes of an overlay. */
export async function render(kubectl: Kubectl, overlay: string, { copy = k8s } = {}): Promise<KubernetesObject[]> {
  return parseObjects(await kubectl(['kustomize', join(copy, 'overlays', overlay)]));
}

/** The objects of a file of `k8s/`, as they are there. */
export function readObjects(file: string, { copy = k8s } = {}): KubernetesObject[] {
  return parseObjects(readFileSync(join(copy, file), 'utf8'));
}

function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** As `kubectl apply -f -` reads them. */
export function asList(objects: readonly KubernetesObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}
