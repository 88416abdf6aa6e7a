import { PerimeterError, type ErrorCode } from '../certification/perimeter-error.ts';

export const exitCodes = { done: 0, failed: 1, badInput: 2, finishedWithFailures: 3 } as const;

/** Faults of what was asked for or handed in; trying again as it is would end the same. */
const BAD_INPUT: readonly ErrorCode[] = [
  'InvalidRequest',
  'InvalidModel',
  'InvalidDataset',
  'StoreRefused',
  'NotFound',
  'RunExists',
  'InvalidConfiguration',
];

export function exitCodeOf(error: unknown): number {
  return error instanceof PerimeterError && BAD_INPUT.includes(error.code) ? exitCodes.badInput : exitCodes.failed;
}
