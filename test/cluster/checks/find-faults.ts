import type { KubernetesObject } from '../support/objects.ts';
import { workers } from '../support/of-kind.ts';
import { autoscaling } from './autoscaling.ts';
import { commandLine } from './command-line.ts';
import { containerHardening } from './container-hardening.ts';
import { devices } from './devices.ts';
import { disruption } from './disruption.ts';
import { images } from './images.ts';
import { lifecycle } from './lifecycle.ts';
import { localTemporal } from './local-temporal.ts';
import { namespaceSecurity } from './namespace-security.ts';
import { network } from './network.ts';
import { nodePool } from './node-pool.ts';
import { priority } from './priority.ts';
import { probes } from './probes.ts';
import { references } from './references.ts';
import { rollout } from './rollout.ts';

/** Each with what it shows where it finds nothing. */
export const CHECKS: Readonly<Record<string, (objects: readonly KubernetesObject[]) => string[]>> = {
  'samplers are scaled by their own queue and by their work, and down slowly': autoscaling,
  'arguments and environment are those that perimeter worker reads': commandLine,
  'containers may write to /tmp alone, and have no rights that they do not need': containerHardening,
  'a sampler holds one GPU if it runs on GPUs, and none if it does not': devices,
  'workers leave their nodes one by one, and the last one too': disruption,
  'images are named by their digests': images,
  'heartbeat timeout < end of a worker < termination grace < notice of a spot interruption': lifecycle,
  'a Temporal server of the installation is of the version that the tests have, and is found': localTemporal,
  'the namespace refuses what may do harm': namespaceSecurity,
  'samplers make way for everything else': priority,
  'probes ask what is served, and no restart depends on Temporal': probes,
  'whatever is named is there': references,
  'a rollout needs no spare GPU': rollout,
};

/**
 * Everything that is wrong with an installation beyond what the API server itself refuses, a sentence each.
 *
 * @param options.objects what kustomize makes of it
 * @param options.platform the objects that a cluster with GPUs has besides
 * @param options.netpol the program that judges NetworkPolicies
 */
export async function findFaults(options: {
  objects: readonly KubernetesObject[];
  platform: readonly KubernetesObject[];
  netpol: string;
}): Promise<string[]> {
  const { objects, platform, netpol } = options;
  const names = workers(objects).map(({ metadata }) => metadata.name);
  // Without them there is nothing to find fault with.
  const absent = ['control', 'sampler'].filter((name) => !names.includes(name));
  return [
    ...absent.map((name) => `there is no Deployment ${name}`),
    ...Object.values(CHECKS).flatMap((check) => check(objects)),
    ...nodePool(objects, platform),
    ...(await network(objects, netpol)),
  ];
}
