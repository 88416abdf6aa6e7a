import type { Certificate } from '../records/certificate.ts';
import { writeParquet } from './write-parquet.ts';

/** Certificates as a Parquet file with one column for each field of the record, in its order; a function of them alone. */
export function certificatesParquet(certificates: readonly Certificate[]): Uint8Array {
  return writeParquet<Required<Certificate>>(certificates as readonly Required<Certificate>[], {
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
    reason: 'STRING?',
  });
}
