import type { Client } from '@temporalio/client';
import { fetchHistories } from './fetch-histories.ts';

/** Attempts at activities beyond the first of each, over all workflows of a namespace, by the activity's name. */
export async function countRetries(client: Client): Promise<Map<string, number>> {
  const retries = new Map<string, number>();
  for await (const { history } of fetchHistories(client)) {
    const names = new Map<string, string>();
    for (const {
      eventId,
      activityTaskScheduledEventAttributes: scheduled,
      activityTaskStartedEventAttributes: started,
    } of history.events ?? []) {
      if (scheduled) names.set(String(eventId), scheduled.activityType?.name ?? '');
      if (!started?.attempt || started.attempt < 2) continue;
      const name = names.get(String(started.scheduledEventId)) ?? '';
      retries.set(name, (retries.get(name) ?? 0) + started.attempt - 1);
    }
  }
  return retries;
}
