import type { Row } from '../records/certificate.ts';

/** A row's fields that every table has. */
export type Columns<Any extends Row> = Omit<Required<Any>, 'replayable'>;

/** The column that tables of rows have where the samples can't be drawn again, and others don't. */
export function markColumn(replayable: boolean) {
  return replayable ? {} : ({ replayable: 'BOOLEAN' } as const);
}
