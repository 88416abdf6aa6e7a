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

const CHECKS = [
  autoscaling,
  commandLine,
  containerHardening,
  devices,
  disruption,
  images,
  lifecycle,
  localTemporal,
  namespaceSecurity,
  priority,
  probes,
  references,
  rollout,
];

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
    ...CHECKS.flatMap((check) => check(objects)),
    ...nodePool(objects, platform),
    ...(await network(objects, netpol)),
  ];
}
