import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installPrograms } from '../../support/debian-programs.ts';
import { processTree } from '../../image/support/process-status.ts';
import { findKubernetes } from '../support/find-kubernetes.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';
import { nodeImages } from './node-images.ts';
import type { NodeSettings } from './node-main.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const KEPT_CHARACTERS = 4_000;
/** Of the images. */
const USER = 10001;

/** A Kubernetes with a node, whose containers are real. */
export interface RealNode {
  readonly kubectl: Kubectl;
  /** A folder for a volume, which the images' user may write to. */
  readonly store: string;
  /** The processes of the node's containers, and its own, as numbered on this machine. */
  processes(): number[];
  /** Ends all of it, and leaves nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a Kubernetes with a kubelet, containerd and runc in namespaces of their own, with the images of this checkout on
 * the node. It does not outlive this process.
 *
 * @throws PerimeterError `MissingPart` where this machine can't; Error with the log's end where it doesn't come up
 */
export async function startNode(): Promise<RealNode> {
  await installPrograms({
    programs: {
      containerd: 'containerd',
      ctr: 'containerd',
      runc: 'runc',
      catatonit: 'catatonit',
      ip: 'iproute2',
      iptables: 'iptables',
      unshare: 'util-linux',
      nsenter: 'util-linux',
      '/usr/lib/cni/bridge': 'containernetworking-plugins',
    },
    purpose: 'The tests on a real node',
  });
  const { hyperkube } = await findKubernetes();
  const root = mkdtempSync(join(tmpdir(), 'perimeter-node-'));
  const folder = join(root, 'kubernetes');
  const store = join(root, 'store');
  mkdirSync(store);
  chownSync(store, USER, USER);
  const settings: NodeSettings = { folder, images: await nodeImages(root) };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const node = [process.execPath, '--import', loader, path('node-main.ts'), JSON.stringify(settings)];
  const child = spawn('bash', [path('in-namespaces.sh'), root, ...node], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-KEPT_CHARACTERS);
        if (/^ready$/m.test(said)) resolve();
      });
    }
    child.once('close', () => {
      reject(new Error(`the node ended: ${said.trim()}`));
    });
  });
  const ended = once(child, 'close');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  await ready;
  // The shell that is the first process of the namespaces; above it are unshare and the script.
  const [, , first] = processTree(child.pid ?? 0);
  const inside = ['nsenter', '--target', String(first), '--mount', '--net', '--pid', '--cgroup'];
  // kubectl is run there too: the API server listens on the node's own loopback.
  const wrapper = join(root, 'in-node');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${inside.join(' ')} ${hyperkube} "$@"\n`);
  chmodSync(wrapper, 0o755);
  return {
    kubectl: createKubectl({
      hyperkube: wrapper,
      kubeconfig: join(folder, 'admin.kubeconfig'),
      cache: join(root, 'kubectl'),
    }),
    store,
    processes: () => processTree(first),
    stop,
  };
}
