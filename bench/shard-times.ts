import type { Client } from '@temporalio/client';
import { fetchHistories } from './fetch-histories.ts';

/** An activity's attempt that completed, by the server's clock, in milliseconds. */
export interface Attempt {
  readonly activity: string;
  /** The worker, by its process. */
  readonly worker: string;
  readonly started: number;
  readonly completed: number;
}

/** The shards' activities of a run, in the order in which they started. */
export async function shardTimes(client: Client, workflowId: string): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const query = `WorkflowType = "certifyRange" AND WorkflowId STARTS_WITH "${workflowId}/"`;
  for await (const { history } of fetchHistories(client, query)) {
    const events = history.events ?? [];
    const byId = new Map(events.map((event) => [String(event.eventId), event]));
    for (const { eventTime, activityTaskCompletedEventAttributes: completed } of events) {
      if (!completed) continue;
      const scheduled = byId.get(String(completed.scheduledEventId))?.activityTaskScheduledEventAttributes;
      const started = byId.get(String(completed.startedEventId));
      attempts.push({
        activity: scheduled?.activityType?.name ?? '',
        worker: started?.activityTaskStartedEventAttributes?.identity ?? '',
        started: milliseconds(started?.eventTime),
        completed: milliseconds(eventTime),
      });
    }
  }
  return attempts.sort((a, b) => a.started - b.started);
}

function milliseconds(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return 1_000 * Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e6;
}
