import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { certificateSchema, predictionSchema, type Certificate } from '../../certification/records/certificate.ts';
import { certificatesParquet } from '../../certification/report/certificates-parquet.ts';
import { predictionsParquet } from '../../certification/report/predictions-parquet.ts';
import {
  failedCertificate,
  sampleCertificates,
  sampleClaim,
  samplePredictions,
  sampleSequentialCertificates,
  sampleSequentialClaim,
  skippedCertificate,
} from './sample-certificates.ts';
import { tableBytes } from './table-bytes.ts';

/** Certificates as a file; of sequential mode where they have its lists. */
const certificatesFile = (rows: readonly Certificate[], piece?: number) => {
  const mode = rows.some((row) => row.decisions !== undefined) ? 'sequential' : 'fixed';
  return tableBytes((write) => certificatesParquet(mode, write), rows, piece);
};

/** A record's fields but the marks that rows have where their claim is no usual one. */
const columnsOf = (shape: object) =>
  Object.keys(shape).filter((field) => !['norm', 'noise', 'replayable'].includes(field));

async function readBack(bytes: Uint8Array) {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row as Record<string, unknown>)
        .filter(([key, value]) => !(key === 'reason' && value === null))
        .map(([key, value]) => [key, withoutBigInts(value)]),
    ),
  );
}

function withoutBigInts(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withoutBigInts(field)]));
}

function columnTypes(bytes: Uint8Array) {
  const [, ...columns] = parquetMetadata(bytes.slice().buffer).schema;
  return columns.map(({ name, type, converted_type, repetition_type }) =>
    [name, converted_type ?? type, repetition_type === 'OPTIONAL' ? '?' : ''].join(' ').trim(),
  );
}

const some = sampleCertificates(sampleClaim({ examples: 50, n: 1000 }));
const everyStatus = [...some, skippedCertificate(some[0]), failedCertificate(some[1])];

describe('certificatesParquet', () => {
  it('gives every value back, to the last bit', async () => {
    expect(new Set(everyStatus.map((row) => row.status))).toEqual(
      new Set(['certified', 'abstained', 'skipped', 'failed']),
    );
    const rows = await readBack(await certificatesFile(everyStatus));
    expect(rows.map((row) => certificateSchema.parse(row))).toEqual(everyStatus);
  });

  it('has the record’s fields as columns, in its order, each with its type', async () => {
    expect(columnTypes(await certificatesFile(everyStatus))).toEqual([
      'index INT64',
      'label INT32',
      'status UTF8',
      'prediction INT32 ?',
      'radius DOUBLE',
      'correct BOOLEAN',
      'selected INT32 ?',
      'n INT64',
      'count INT64',
      'runnerUpCount INT64',
      'lowerBound DOUBLE',
      'oneMinusLowerBound DOUBLE',
      'reason UTF8 ?',
    ]);
    const sequentialOnly = ['certifiedRadii', 'decisions'];
    const fields = columnsOf(certificateSchema.shape).filter((field) => !sequentialOnly.includes(field));
    expect(columnTypes(await certificatesFile([])).map((column) => column.split(' ')[0])).toEqual(fields);
  });

  it.each([0, 1, 2, 9_999, 10_000, 10_001, 20_000])('holds %d rows', async (count) => {
    const rows = Array.from({ length: count }, (_, at) => ({ ...some[at % some.length], index: at }));
    const bytes = await certificatesFile(rows);
    const { num_rows, row_groups } = parquetMetadata(bytes.slice().buffer);
    expect(Number(num_rows)).toBe(count);
    expect(row_groups).toHaveLength(Math.ceil(count / 10_000));
    const columns = ['index', 'radius'];
    const last = await parquetReadObjects({ file: bytes.slice().buffer, columns, rowStart: Math.max(0, count - 1) });
    const expected = rows.slice(-1).map(({ index, radius }) => ({ index: BigInt(index), radius }));
    expect(last).toEqual(expected);
  });

  it('has the same bytes however its rows come, over row groups too', async () => {
    const rows = Array.from({ length: 20_100 }, (_, at) => ({ ...everyStatus[at % everyStatus.length], index: at }));
    const digest = sha256Hex(await certificatesFile(rows));
    for (const piece of [37, 9_999, 10_000, 10_001]) {
      expect(sha256Hex(await certificatesFile(rows, piece)), `in pieces of ${piece}`).toBe(digest);
    }
  });

  it('keeps counts that need more than 32 bits', async () => {
    const n = 2 ** 32 - 1;
    const rows = [{ ...some[0], n, count: n - 1, runnerUpCount: 1 }];
    expect(await readBack(await certificatesFile(rows))).toEqual(rows);
  });

  it('gives bytes that are a function of the rows: these, on every machine', async () => {
    const fixed = Array.from({ length: 1000 }, (_, at): Certificate => ({
      index: at,
      label: at % 10,
      status: at % 3 ? 'certified' : 'abstained',
      prediction: at % 3 ? at % 7 : null,
      radius: at % 3 ? at / 256 : 0,
      correct: at % 3 > 0 && at % 7 === at % 10,
      selected: at % 7,
      n: 1000,
      count: at,
      runnerUpCount: 1000 - at,
      lowerBound: at / 1000,
      oneMinusLowerBound: 1 - at / 1000,
      ...(at % 100 ? {} : { reason: `reason ${at}` }),
    }));
    const bytes = await certificatesFile(fixed);
    expect(await certificatesFile(structuredClone(fixed))).toEqual(bytes);
    expect(sha256Hex(bytes)).toBe('6b834abe6af1e9bba215e1e91ca49baf441dc4e65fdaed79e076db2682d062ff');
  });
});

describe('certificatesParquet of sequential mode', () => {
  const decided = sampleSequentialCertificates(sampleSequentialClaim({ examples: 50, n: 2000 }));
  const rows = [...decided, skippedCertificate(decided[0]), failedCertificate(decided[1])];

  it('gives every value back, to the last bit, empty lists too', async () => {
    expect(new Set(rows.map((row) => row.certifiedRadii?.length))).toEqual(new Set([0, 1, 2, 3]));
    const back = await readBack(await certificatesFile(rows));
    expect(back.map((row) => certificateSchema.parse(row))).toEqual(rows);
  });

  it('has lists of numbers and of records, whose fields have their types, in the record’s order', async () => {
    const bytes = await certificatesFile(rows);
    const { schema } = parquetMetadata(bytes.slice().buffer);
    expect(schema.filter((element) => element.converted_type === 'LIST').map(({ name }) => name)).toEqual([
      'certifiedRadii',
      'decisions',
    ]);
    expect(columnTypes(bytes).slice(12)).toEqual([
      'certifiedRadii LIST',
      'list',
      'element DOUBLE',
      'decisions LIST',
      'list',
      'element',
      'radius DOUBLE',
      'certified BOOLEAN',
      'look INT32',
      'n INT64',
      'count INT64',
      'reason UTF8 ?',
    ]);
    const { children } = parquetSchema(parquetMetadata(bytes.slice().buffer));
    expect(children.map(({ element }) => element.name)).toEqual(columnsOf(certificateSchema.shape));
  });

  it('keeps rows and lists together over row groups', async () => {
    const many = Array.from({ length: 10_010 }, (_, at) => ({ ...rows[at % rows.length], index: at }));
    const bytes = await certificatesFile(many);
    const columns = ['index', 'decisions', 'certifiedRadii'];
    const last = await parquetReadObjects({ file: bytes.slice().buffer, columns, rowStart: 9_990 });
    expect(last.map(withoutBigInts)).toEqual(
      many.slice(9_990).map(({ index, certifiedRadii, decisions }) => ({ index, certifiedRadii, decisions })),
    );
  });

  it('gives bytes that are a function of the rows', async () => {
    expect(await certificatesFile(structuredClone(rows))).toEqual(await certificatesFile(rows));
  });
});

describe('predictionsParquet', () => {
  it('gives every value back, to the last bit', async () => {
    const rows = await readBack(await tableBytes(predictionsParquet, samplePredictions()));
    expect(rows.map((row) => predictionSchema.parse(row))).toEqual(samplePredictions());
  });

  it('has the record’s fields as columns, in its order', async () => {
    const names = columnTypes(await tableBytes(predictionsParquet, [])).map((column) => column.split(' ')[0]);
    expect(names).toEqual(columnsOf(predictionSchema.shape));
  });
});
