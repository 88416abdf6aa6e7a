import type { Certificate } from '../records/certificate.ts';
import { writeParquet } from './write-parquet.ts';

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
 */
export function certificatesParquet(certificates: readonly Certificate[]): Uint8Array {
  const rows = certificates as readonly Required<Certificate>[];
  if (certificates.some((row) => row.decisions !== undefined)) {
    return writeParquet(rows, { ...COLUMNS, ...SEQUENTIAL_COLUMNS, reason: 'STRING?' });
  }
  return writeParquet<Omit<Required<Certificate>, keyof typeof SEQUENTIAL_COLUMNS>>(rows, {
    ...COLUMNS,
    reason: 'STRING?',
  });
}
