import type { Row } from './records/certificate.ts';

/** How many of the rows are of examples that failed. */
export function countFailed(rows: readonly Row[]): number {
  return rows.filter(({ status }) => status === 'failed').length;
}
