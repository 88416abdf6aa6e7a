import { defaultSeccomp } from './default-seccomp.ts';
import type { BuiltImage } from './find-images.ts';
import { bytesOf, type PodSpec } from './pod-spec.ts';

/** As containerd has them for every container. */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
].concat(['/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware']);
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
const QUIET = ['nosuid', 'noexec', 'nodev'];

/**
 * What a container runtime is told (OCI runtime specification) to run a pod's one container, by what its manifest says and
 * nothing more. It shares the machine's network, where the tests' servers are.
 *
 * @param options.env what a ConfigMap would give
 * @param options.args in place of the manifest's
 * @param options.readOnly folders of this machine that it sees at the same places
 */
export function ociConfig(options: {
  image: BuiltImage;
  pod: PodSpec;
  cgroup: string;
  env: Readonly<Record<string, string>>;
  args?: readonly string[];
  readOnly?: readonly string[];
}) {
  const { image, pod, cgroup, env, readOnly = [] } = options;
  const [container] = pod.containers;
  const { runAsUser, runAsGroup, fsGroup, seccompProfile } = pod.securityContext;
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
  if (seccompProfile.type !== 'RuntimeDefault') throw new Error(`seccomp profile ${seccompProfile.type}`);
  if (capabilities.drop.join() !== 'ALL') throw new Error('not all capabilities are dropped');
  const kept = (capabilities.add ?? []).map((name) => `CAP_${name}`);
  return {
    ociVersion: '1.0.2',
    root: { path: image.rootfs, readonly: readOnlyRootFilesystem },
    hostname: 'pod',
    process: {
      terminal: false,
      user: { uid: runAsUser, gid: runAsGroup, additionalGids: [fsGroup] },
      args: [...image.config.Entrypoint, ...(options.args ?? container.args)],
      env: [...image.config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      cwd: image.config.WorkingDir,
      noNewPrivileges: !allowPrivilegeEscalation,
      capabilities: { bounding: kept, effective: kept, permitted: kept, inheritable: kept, ambient: kept },
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: QUIET },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...QUIET, 'mode=1777', 'size=65536k'] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...QUIET, 'ro'] },
      ...['/etc/resolv.conf', '/etc/hosts', ...readOnly].map((path) => ({
        destination: path,
        type: 'bind',
        source: path,
        options: ['rbind', 'ro', ...QUIET],
      })),
      ...container.volumeMounts.map(({ name, mountPath }) => ({
        destination: mountPath,
        type: 'tmpfs',
        source: name,
        options: ['nosuid', 'nodev', 'mode=1777', `size=${sizeOf(pod, name)}`],
      })),
    ],
    linux: {
      cgroupsPath: cgroup,
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: { limit: bytesOf(container.resources.limits.memory) },
      },
      seccomp: defaultSeccomp(),
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  };
}

function sizeOf(pod: PodSpec, volume: string): number {
  const { emptyDir } = pod.volumes.find(({ name }) => name === volume) ?? {};
  if (emptyDir === undefined) throw new Error(`the volume ${volume} is no emptyDir`);
  return bytesOf(emptyDir.sizeLimit);
}
