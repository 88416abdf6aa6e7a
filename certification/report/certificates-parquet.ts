import type { ClaimMarks } from '../claim-marks.ts';
import type { Certificate } from '../records/certificate.ts';
import type { Summary } from '../records/summary.ts';
import { markColumns, type Columns } from './mark-columns.ts';
import { parquetWriter } from './parquet-writer.ts';
import type { Sink, TableWriter } from './table-writer.ts';

const COLUMNS = {
  index: 'INT64',
  label: 'INT32',
  status: 'STRING',
  prediction: 'INT32?',
  radius: 'DOUBLE',
  correct: 'BOOLEAN',
  selected: 'INT32?',
  n: 'INT64',
  count: 'INT64',
  runnerUpCount: 'INT64',
  lowerBound: 'DOUBLE',
  oneMinusLowerBound: 'DOUBLE',
} as const;

const SEQUENTIAL_COLUMNS = {
  certifiedRadii: { list: 'DOUBLE' },
  decisions: { list: { radius: 'DOUBLE', certified: 'BOOLEAN', look: 'INT32', n: 'INT64', count: 'INT64' } },
} as const;

/**
 * Certificates as a Parquet file with one column for each field of the record, in its order; a function of them alone.
 * Those of sequential mode have the lists `certifiedRadii` and `decisions` too.
 *
 * @param mode the claim's: all of its certificates have the lists, or none.
 * @param marks the claim's: all rows bear them, each in a column of its own.
 */
export function certificatesParquet(
  mode: Summary['mode'],
  write: Sink,
  marks: ClaimMarks = {},
): TableWriter<Certificate> {
  const last = { reason: 'STRING?', ...markColumns(marks) } as const;
  if (mode === 'sequential') {
    return parquetWriter<Columns<Certificate>>({ ...COLUMNS, ...SEQUENTIAL_COLUMNS, ...last }, write);
  }
  return parquetWriter<Omit<Columns<Certificate>, keyof typeof SEQUENTIAL_COLUMNS>>({ ...COLUMNS, ...last }, write);
}
