import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../cli/dev/run-command.ts';
import { until } from '../../support/until.ts';
import type { Kubernetes } from '../support/start-kubernetes.ts';
import { BRIDGE, POD_NETWORK } from './prepare-namespaces.ts';

export const CONTAINERD_SOCKET = '/run/containerd.sock';
/** What Debian's package has. */
export const CNI_PLUGINS = '/usr/lib/cni';
export const PAUSE_IMAGE = 'localhost/perimeter-test/pause:1';

/** Of images as the kubelet sees them. */
const NAMESPACE = 'k8s.io';

/** An image in an archive, with the names that it has on the node. */
export interface NodeImage {
  readonly archive: string;
  readonly names: readonly [string, ...string[]];
}

/** Starts containerd with runc and a bridge for pods, and gives it images, as no registry is there to ask. */
export async function startContainerd(
  { folder, run }: Pick<Kubernetes, 'folder' | 'run'>,
  images: readonly NodeImage[],
): Promise<void> {
  const own = join(folder, 'containerd');
  const network = join(own, 'cni');
  mkdirSync(network, { recursive: true });
  const ipam = { type: 'host-local', subnet: POD_NETWORK, rangeStart: '10.88.0.10', dataDir: '/run/cni-addresses' };
  const bridge = { type: 'bridge', bridge: BRIDGE, isGateway: true, hairpinMode: true };
  const plugin = { ...bridge, ipam: { ...ipam, routes: [{ dst: '0.0.0.0/0' }] } };
  const conflist = { cniVersion: '1.0.0', name: 'pods', plugins: [plugin] };
  writeFileSync(join(network, '10-pods.conflist'), JSON.stringify(conflist));
  const config = join(own, 'config.toml');
  writeFileSync(config, settings({ own, network }));
  await run('containerd', 'containerd', ['--config', config]);
  const ctr = (...args: string[]) => runCommand('ctr', ['--address', CONTAINERD_SOCKET, '-n', NAMESPACE, ...args]);
  await until(
    () => ctr('version'),
    ({ code }) => code === 0,
  );
  for (const { archive, names } of images) {
    const [first, ...others] = names;
    const done = [await ctr('images', 'import', '--index-name', first, archive)];
    for (const name of others) done.push(await ctr('images', 'tag', first, name));
    for (const { code, output } of done) if (code !== 0) throw new Error(`${first} can't be imported: ${output}`);
  }
}

function settings({ own, network }: { own: string; network: string }): string {
  const unneeded = [
    'internal.v1.tracing',
    ...['btrfs', 'zfs', 'aufs', 'devmapper'].map((name) => `snapshotter.v1.${name}`),
  ];
  return `
version = 2
root = "${own}/root"
state = "/run/containerd"
disabled_plugins = [${unneeded.map((name) => `"io.containerd.${name}"`).join(', ')}]
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_PLUGINS}"
    conf_dir = "${network}"
`;
}
