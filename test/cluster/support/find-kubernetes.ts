import { readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithGo } from '../../support/build-with-go.ts';
import { buildOnce } from './build-once.ts';
import { copyModule, runGo, STRIPPED } from './go-commands.ts';

const bed = fileURLToPath(new URL('../bed', import.meta.url));
const KWOK = { module: 'sigs.k8s.io/kwok@v0.8.0', sum: 'h1:OTIOTwgROqPMovcTwxICx2eYQ4AwLpSx5EpjbDKF4SQ=' };
/** What kwok does with a node and its pods: everything at once. */
const KWOK_STAGES = [
  'node/fast/node-initialize',
  'node/heartbeat-with-lease/node-heartbeat-with-lease',
  'pod/fast/pod-ready',
  'pod/fast/pod-complete',
  'pod/fast/pod-delete',
];

/** The programs of a Kubernetes without nodes. */
export interface KubernetesPrograms {
  /** With `kubectl` in it, for a `PATH`. */
  readonly folder: string;
  /** etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubelet and kubectl, by the first argument. */
  readonly hyperkube: string;
  /** Plays the kubelets of nodes that exist only in the API. */
  readonly kwok: string;
  readonly kwokStages: string;
  /** Judges NetworkPolicies. */
  readonly netpol: string;
  /** Makes a control plane's keys. */
  readonly keys: string;
}

/**
 * Finds the Kubernetes of the tests in the project's cache, or builds it there once, from the Go module proxy.
 *
 * @throws PerimeterError `MissingPart` where it can't be built
 */
export async function findKubernetes(env: NodeJS.ProcessEnv = process.env): Promise<KubernetesPrograms> {
  const version = /k8s\.io\/kubernetes v(\S+)/.exec(readFileSync(join(bed, 'go.mod'), 'utf8'))?.[1] ?? '';
  const folder = await buildOnce({
    name: `kubernetes-${version}`,
    from: { versions: [KWOK.module, ...KWOK_STAGES], folder: bed },
    takes: '5 minutes on two cores, and 2 GB in the caches of Go',
    env,
    build: async ({ target, work }) => {
      const fault = await buildWithGo({ folder: work, env, build: (go) => build({ go, target, work, version, env }) });
      if (fault === undefined) await finish({ target, work });
      return fault;
    },
  });
  return {
    folder,
    hyperkube: join(folder, 'hyperkube'),
    kwok: join(folder, 'kwok'),
    kwokStages: join(folder, 'kwok-stages.yaml'),
    netpol: join(folder, 'netpol'),
    keys: join(folder, 'keys'),
  };
}

async function build(options: {
  go: string;
  target: string;
  work: string;
  version: string;
  env: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const { go, target, work, version, env } = options;
  const [major = '', minor = ''] = version.split('.');
  const named = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const variables = Object.entries(named).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  const programs = ['./hyperkube', './netpol', './keys', 'sigs.k8s.io/kwok/cmd/kwok'];
  const args = ['build', '-ldflags', [STRIPPED, ...variables].join(' '), '-o', `${target}/`, ...programs];
  return (
    (await runGo(go, args, { cwd: bed, env })) ??
    (await copyModule({ go, ...KWOK, target: join(work, 'kwok'), folders: ['kustomize/stage'], cwd: work, env }))
  );
}

async function finish({ target, work }: { target: string; work: string }): Promise<void> {
  const stages = KWOK_STAGES.map((name) =>
    readFileSync(join(work, 'kwok', 'kustomize', 'stage', `${name}.yaml`), 'utf8'),
  );
  await writeFile(join(target, 'kwok-stages.yaml'), stages.join('---\n'));
  await symlink('hyperkube', join(target, 'kubectl'));
}
