import { parseDevice } from '../../../certification/records/device.ts';
import { samplerQueue } from '../../../workers/queues.ts';
import { SHUTDOWN_MS } from '../../../workers/shutdown.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../../workflows/types.ts';
import { environmentOf } from '../support/environment-of.ts';
import type { Deployment, KubernetesObject, ScaledObject } from '../support/objects.ts';
import { ofKind, workerContainer, workers } from '../support/of-kind.ts';
import { workerOptions } from './command-line.ts';

/** What the SDK calls the tasks under way, by queue. */
const SLOTS_USED = 'temporal_worker_task_slots_used';

/**
 * Samplers are scaled by the backlog of the queue that they poll, and by the tasks under way, which are no backlog; the
 * number of samplers has an owner, and goes down no faster than a killed sampler's task is found.
 */
export function autoscaling(objects: readonly KubernetesObject[]): string[] {
  return ofKind(objects, 'ScaledObject').flatMap((scaled) => {
    const target = workers(objects).find(({ metadata }) => metadata.name === scaled.spec.scaleTargetRef.name);
    return target === undefined ? [] : faultsOf(scaled, target, objects);
  });
}

function faultsOf({ spec }: ScaledObject, target: Deployment, objects: readonly KubernetesObject[]): string[] {
  const { device } = workerOptions(workerContainer(target).args ?? []);
  // What is wrong with the command line is another check's.
  if (device === undefined) return [];
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`ScaledObject of ${target.metadata.name}: ${fault}`);
  };
  const environment = environmentOf(target, objects);
  const queue = samplerQueue(parseDevice(device).kind);
  expect(target.spec.replicas === undefined, 'its Deployment sets a number of replicas too, and undoes the scaling');
  expect(spec.minReplicaCount === 0, 'it keeps samplers that have nothing to do');

  const backlog = spec.triggers.find(({ type }) => type === 'temporal')?.metadata;
  expect(backlog?.taskQueue === queue, `its backlog is that of ${backlog?.taskQueue ?? 'no queue'}, not of ${queue}`);
  expect(backlog?.queueTypes === 'activity', 'its backlog is of other tasks than activities');
  const namespace = environment.TEMPORAL_NAMESPACE ?? 'default';
  const asked = backlog?.namespaceFromEnv === undefined ? backlog?.namespace : environment[backlog.namespaceFromEnv];
  expect((asked ?? 'default') === namespace, `its backlog is of another namespace than ${namespace}`);
  const endpoint = backlog?.endpointFromEnv ?? '';
  expect(endpoint in environment, 'the address of Temporal is not in the environment of the samplers');

  const busy = spec.triggers.find(({ type }) => type === 'prometheus')?.metadata.query ?? '';
  expect(busy.includes(SLOTS_USED) && busy.includes(`"${queue}"`), 'samplers at work are not counted');
  const { formula } = spec.advanced?.scalingModifiers ?? {};
  const uncounted = spec.triggers.filter(({ name }) => formula !== undefined && !mentions(formula, name));
  expect(
    uncounted.length === 0,
    `the formula leaves out ${uncounted.map(({ name = 'one without a name' }) => name).join()}`,
  );

  const heartbeatS = HEARTBEAT_TIMEOUT_MS / 1_000;
  expect((spec.cooldownPeriod ?? 0) > heartbeatS, `the last sampler goes within a heartbeat timeout (${heartbeatS} s)`);
  const { stabilizationWindowSeconds = 0, selectPolicy } =
    spec.advanced?.horizontalPodAutoscalerConfig?.behavior?.scaleDown ?? {};
  // A shard that a sampler lets go is in the backlog again once that has ended.
  const settled = SHUTDOWN_MS / 1_000;
  expect(
    selectPolicy === 'Disabled' || stabilizationWindowSeconds > settled,
    `it scales down before a sampler that was told to stop has ended (${settled} s)`,
  );
  expect(spec.fallback !== undefined, 'nothing is said of when Temporal can not be asked');
  return faults;
}

function mentions(formula: string, name = ''): boolean {
  return formula.split(/[^a-zA-Z0-9_]+/).includes(name);
}
