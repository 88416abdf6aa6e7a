import type { Deployment, KubernetesObject, Labels } from '../support/objects.ts';
import { deployments } from '../support/of-kind.ts';

/** The user of the images. */
const USER = 10_001;
/** Where a container may write: nothing is left of it but what is in a claim. */
const WRITABLE = { emptyDir: '/tmp', persistentVolumeClaim: '/data' };

/** Beyond what Pod Security's level `restricted` asks of every pod. */
export function containerHardening(objects: readonly KubernetesObject[]): string[] {
  return deployments(objects).flatMap(faultsOf);
}

function faultsOf({ metadata, spec }: Deployment): string[] {
  const pod = spec.template.spec;
  const { runAsNonRoot, runAsUser, runAsGroup, seccompProfile } = pod.securityContext ?? {};
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`Deployment ${metadata.name}: ${fault}`);
  };
  expect(runAsNonRoot === true, 'its pods may run as root');
  expect(runAsUser === USER && runAsGroup === USER, `its pods run as another user than ${USER}`);
  expect(seccompProfile?.type === 'RuntimeDefault', 'no seccomp profile');
  expect(pod.automountServiceAccountToken === false, "its pods mount their service account's token");
  expect(pod.enableServiceLinks === false, 'services are put into the environment of its pods');
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    const { name, securityContext, resources, volumeMounts = [] } = container;
    const { requests, limits } = resources ?? {};
    expect(securityContext?.readOnlyRootFilesystem === true, `${name} may write to its root file system`);
    expect(securityContext?.privileged !== true, `${name} is privileged`);
    expect(securityContext?.allowPrivilegeEscalation === false, `${name} may gain privileges`);
    expect(securityContext?.capabilities?.drop?.includes('ALL') === true, `${name} keeps capabilities`);
    expect(securityContext?.capabilities?.add === undefined, `${name} is given capabilities`);
    expect(has(limits, 'memory', 'ephemeral-storage'), `${name} has no limit of memory or of ephemeral storage`);
    expect(has(requests, 'cpu', 'memory', 'ephemeral-storage'), `${name} doesn't say what it needs`);
    for (const { name: volume, mountPath, readOnly = false } of volumeMounts) {
      const source = pod.volumes?.find((one) => one.name === volume);
      const writable = Object.entries(WRITABLE).find(([kind]) => source !== undefined && kind in source)?.[1];
      expect(readOnly || mountPath === writable, `${name} may write to ${mountPath}`);
    }
  }
  for (const { name, emptyDir } of pod.volumes ?? []) {
    expect(emptyDir === undefined || emptyDir.sizeLimit !== undefined, `the volume ${name} may fill its node's disk`);
  }
  return faults;
}

function has(quantities: Labels | undefined, ...names: string[]): boolean {
  return names.every((name) => quantities?.[name] !== undefined);
}
