import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation } from '@temporalio/workflow';

/**
 * The failure as its activity threw it, without the wrapping of activities and child workflows, so that a run's failure is one sentence.
 * A cancellation stays one, and what no activity threw stays as it is.
 */
export function rootFailure(error: unknown): Error {
  let cause: unknown = error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause !== undefined) {
    if (isCancellation(cause)) return cause;
    cause = cause.cause;
  }
  if (!(cause instanceof ApplicationFailure)) return error instanceof Error ? error : new Error(String(error));
  return ApplicationFailure.create({
    message: cause.message,
    ...(cause.type && { type: cause.type }),
    nonRetryable: true,
  });
}
