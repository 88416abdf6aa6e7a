import { PerimeterError } from '../perimeter-error.ts';

/**
 * The error for an example that can't be read although the dataset can: it becomes a failed row, and the others go on.
 *
 * @param why completes "its image …"; a function of the example's bytes and of the claim, as the row that it goes to.
 */
export function unreadable(why: string, cause?: unknown): PerimeterError {
  return new PerimeterError('UnreadableExample', `its image ${why}`, { cause });
}
