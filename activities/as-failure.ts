import { ApplicationFailure } from '@temporalio/common';
import { PerimeterError, type ErrorCode } from '../certification/perimeter-error.ts';

/** Faults of a place or a moment: another attempt, perhaps on another worker, may succeed. */
const PASSING: readonly ErrorCode[] = [
  'StoreUnavailable',
  'InputUnavailable',
  'ModelProcessFailed',
  'ModelProcessNotStarted',
  'ArithmeticMismatch',
];

/**
 * Runs an activity's body; a deliberate error becomes a failure whose type is its code, retryable where another attempt
 * may succeed. Anything else is a bug, and is retried until somebody looks.
 */
export async function asFailure<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof PerimeterError)) throw error;
    throw ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !PASSING.includes(error.code),
      cause: error,
    });
  }
}
