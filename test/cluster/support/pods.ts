import { until } from '../../support/until.ts';
import type { Kubectl } from './kubectl.ts';
import type { ObjectMeta } from './objects.ts';

const NAMESPACE = 'perimeter';

/** A pod as the API server tells of it. */
export interface RunningPod {
  readonly metadata: ObjectMeta & { readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** The pods of a Deployment of the installation that are to go on. */
export async function podsNamed(kubectl: Kubectl, deployment: string): Promise<readonly RunningPod[]> {
  const labels = `app.kubernetes.io/name=${deployment}`;
  const { items } = await kubectl.get<{ items: readonly RunningPod[] }>('pods', '-n', NAMESPACE, '-l', labels);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/**
 * Asks for a number of samplers, and waits until each has a node or has been refused by all.
 *
 * @returns those that run, and those that wait
 */
export async function scaleSamplers(
  kubectl: Kubectl,
  count: number,
): Promise<{ running: readonly RunningPod[]; waiting: readonly RunningPod[] }> {
  await kubectl(['scale', 'deployment/sampler', '-n', NAMESPACE, `--replicas=${count}`]);
  const pods = await until(
    () => podsNamed(kubectl, 'sampler'),
    (there) => there.length === count && there.every((pod) => isRunning(pod) || refusal(pod) !== undefined),
  );
  return { running: pods.filter(isRunning), waiting: pods.filter((pod) => !isRunning(pod)) };
}

export function isRunning({ status }: RunningPod): boolean {
  return status.phase === 'Running';
}

/** Why the scheduler found no node for a pod. */
export function refusal({ status }: RunningPod): string | undefined {
  return status.conditions?.find(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False')?.message;
}
