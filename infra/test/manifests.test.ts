import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { resolveIntrinsics, type Resource } from './support/resolve-intrinsics.ts';
import { synthesize } from './support/synthesize.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

function manifests(path: string): Manifest[] {
  const text = readFileSync(new URL(`../../k8s/${path}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

const templates = resolveIntrinsics(synthesize().templates);
const resources = (stack: string, type: string): Resource[] =>
  Object.values(templates[`Perimeter${stack}`].Resources).filter(({ Type }) => Type === type);

it('identities are those of the service accounts that the manifests have', () => {
  const [namespace] = manifests('base/namespace.yaml');
  const accounts = manifests('base/service-accounts.yaml').map(({ metadata }) => metadata.name);
  const associated = resources('Identities', 'AWS::EKS::PodIdentityAssociation').map(({ Properties }) => Properties);
  expect(associated.map(({ ServiceAccount }) => ServiceAccount).sort()).toEqual(accounts.sort());
  for (const { Namespace } of associated) expect(Namespace).toBe(namespace.metadata.name);
});

it("the address that DNS is let through to is the tenth of the cluster's services", () => {
  const [{ Properties }] = resources('Cluster', 'AWS::EKS::Cluster');
  const { ServiceIpv4Cidr } = Properties.KubernetesNetworkConfig as { ServiceIpv4Cidr: string };
  const policy = manifests('platform/eks-auto-mode.yaml').find(({ kind }) => kind === 'NetworkPolicy');
  expect(policy?.spec).toMatchObject({
    egress: [{ to: [{ ipBlock: { cidr: ServiceIpv4Cidr.replace(/\.0\/16$/, '.10/32') } }] }],
  });
});

it('nodes with GPUs are of a class that the cluster has, as it has a pool of its own', () => {
  const [{ Properties }] = resources('Cluster', 'AWS::EKS::Cluster');
  expect(Properties.ComputeConfig).toMatchObject({
    NodePools: expect.arrayContaining(['general-purpose']) as string[],
  });
  const pool = manifests('platform/gpu-nodes.yaml').find(({ kind }) => kind === 'NodePool');
  expect(pool?.spec).toMatchObject({ template: { spec: { nodeClassRef: { kind: 'NodeClass', name: 'default' } } } });
});

it('images have a repository each', () => {
  const overlay = manifests('overlays/gpu/kustomization.yaml')[0] as unknown as { images: { newName: string }[] };
  const wanted = overlay.images.map(({ newName }) => newName.split('/').slice(-2).join('/'));
  const repositories = resources('Images', 'AWS::ECR::Repository').map(({ Properties }) => Properties.RepositoryName);
  expect(repositories.sort()).toEqual(wanted.sort());
});
