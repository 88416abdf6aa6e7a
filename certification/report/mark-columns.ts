import type { ClaimMarks } from '../claim-marks.ts';
import type { Row } from '../records/certificate.ts';

/** A row's fields that every table has. */
export type Columns<Any extends Row> = Omit<Required<Any>, keyof ClaimMarks>;

const MARKS = { norm: 'STRING', noise: 'STRING', replayable: 'BOOLEAN' } as const;

/** The columns that tables of rows have where their claim has marks, and others don't. */
export function markColumns(marks: ClaimMarks): Partial<typeof MARKS> {
  const marked = (Object.keys(MARKS) as (keyof ClaimMarks)[]).filter((mark) => marks[mark] !== undefined);
  return Object.fromEntries(marked.map((mark) => [mark, MARKS[mark]]));
}
