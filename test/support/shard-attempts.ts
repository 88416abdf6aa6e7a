import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { ShardProgress } from '../../certification/draw-shard.ts';

const { PENDING_ACTIVITY_STATE_STARTED } = proto.temporal.api.enums.v1.PendingActivityState;

/** What the server knows of an attempt at a shard that isn't over. */
export interface ShardAttempt {
  readonly activity: string;
  readonly attempt: number;
  /** Whether a sampler has it. */
  readonly started: boolean;
  /** As its last heartbeat told. */
  readonly progress: ShardProgress | undefined;
  /** What the attempt before it ended with. */
  readonly failure: string | undefined;
}

/** The attempts at shards of a run's first range; none before there is one. */
export async function shardAttempts(client: Client, run: { workflowId: string }): Promise<ShardAttempt[]> {
  try {
    const { raw } = await client.workflow.getHandle(`${run.workflowId}/range-0`).describe();
    return (raw.pendingActivities ?? []).map(({ activityType, attempt, state, heartbeatDetails, lastFailure }) => {
      const payload = heartbeatDetails?.payloads?.[0];
      return {
        activity: activityType?.name ?? '',
        attempt: attempt ?? 1,
        started: state === PENDING_ACTIVITY_STATE_STARTED,
        progress: payload ? defaultPayloadConverter.fromPayload<ShardProgress | undefined>(payload) : undefined,
        failure: lastFailure?.message ?? undefined,
      };
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}
