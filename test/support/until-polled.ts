import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { samplerQueue } from '../../workers/queues.ts';
import { until } from './until.ts';

const { TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** Waits until all of these samplers ask for work: a worker's identity begins with its process id. */
export async function untilPolled(client: Client, samplers: readonly GuardedProcess[]): Promise<void> {
  const asking = async () => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: samplerQueue('cpu') },
      taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
    });
    return pollers.map(({ identity }) => identity ?? '');
  };
  await until(asking, (identities) =>
    samplers.every(({ pid }) => identities.some((identity) => identity.startsWith(`${pid}@`))),
  );
}
