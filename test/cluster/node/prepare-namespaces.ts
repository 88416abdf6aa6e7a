import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The bridge of the node's pods, and the node's own address on it. */
export const BRIDGE = 'pods0';
export const NODE_ADDRESS = '10.88.0.1';
export const POD_NETWORK = '10.88.0.0/24';

/** What the node's programs write to by fixed names: theirs alone, and gone with the namespace. */
const PRIVATE = ['/run', '/var/lib/kubelet', '/var/lib/cni', '/var/log/pods', '/var/log/containers'];

const run = (command: string, ...args: string[]) => {
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
};

/** Makes a node of this process's own namespaces: its mounts, its cgroups, and a network for pods. */
export function prepareNamespaces(): void {
  run('mount', '--make-rprivate', '/');
  run('mount', '-t', 'proc', 'proc', '/proc');
  mountCgroups();
  for (const folder of PRIVATE) {
    mkdirSync(folder, { recursive: true });
    run('mount', '-t', 'tmpfs', 'tmpfs', folder);
  }
  // Containers' mounts are seen by the kubelet, and its by them.
  run('mount', '--make-rshared', '/');
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
  run('ip', 'address', 'add', `${NODE_ADDRESS}/24`, 'dev', BRIDGE);
  run('ip', 'link', 'set', BRIDGE, 'up');
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
}

/** Kubernetes finds the controllers where they always are; here these are below this process's own cgroup. */
function mountCgroups(): void {
  const root = '/sys/fs/cgroup';
  const unified = existsSync(`${root}/cgroup.controllers`);
  run('mount', '-t', 'tmpfs', 'tmpfs', root);
  if (unified) {
    run('mount', '-t', 'cgroup2', 'cgroup2', root);
    // A cgroup that gives controllers to others has no processes itself.
    mkdirSync(`${root}/init`);
    for (const pid of readFileSync(`${root}/cgroup.procs`, 'utf8').trim().split('\n')) {
      writeFileSync(`${root}/init/cgroup.procs`, pid);
    }
    const controllers = readFileSync(`${root}/cgroup.controllers`, 'utf8').trim().split(' ');
    writeFileSync(`${root}/cgroup.subtree_control`, controllers.map((name) => `+${name}`).join(' '));
    return;
  }
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers] = line.split(':', 2);
    if (controllers === '') continue;
    const folder = `${root}/${controllers.replace('name=', '')}`;
    mkdirSync(folder);
    const named = controllers.startsWith('name=') ? `none,${controllers}` : controllers;
    run('mount', '-t', 'cgroup', '-o', named, 'cgroup', folder);
  }
}
