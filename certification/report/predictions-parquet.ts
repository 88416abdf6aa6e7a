import type { ClaimMarks } from '../claim-marks.ts';
import type { Prediction } from '../records/certificate.ts';
import { markColumns, type Columns } from './mark-columns.ts';
import { parquetWriter } from './parquet-writer.ts';
import type { Sink, TableWriter } from './table-writer.ts';

/** PREDICT's answers as a Parquet file with one column for each field of the record, in its order; a function of them alone. */
export function predictionsParquet(write: Sink, marks: ClaimMarks = {}): TableWriter<Prediction> {
  return parquetWriter<Columns<Prediction>>(
    {
      index: 'INT64',
      label: 'INT32',
      status: 'STRING',
      prediction: 'INT32?',
      correct: 'BOOLEAN',
      n: 'INT64',
      top: 'INT32?',
      count: 'INT64',
      runnerUpCount: 'INT64',
      pValue: 'DOUBLE',
      reason: 'STRING?',
      ...markColumns(marks),
    },
    write,
  );
}
