import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

/**
 * Fetches every history of a namespace, those that were continued as new too.
 *
 * @param query a list filter, where not all are meant.
 */
export async function* fetchHistories(
  client: Client,
  query?: string,
): AsyncGenerator<{ execution: WorkflowExecutionInfo; history: temporal.api.history.v1.IHistory }, void, undefined> {
  for await (const execution of client.workflow.list(query === undefined ? {} : { query })) {
    const { workflowId, runId } = execution;
    yield { execution, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
  }
}
