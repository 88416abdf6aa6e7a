import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';

/** Rows of a row group: constant, so that the bytes don't follow the shards. */
const ROW_GROUP_SIZE = 50_000;

/** How a column is stored; `?` where a row may have no value. */
export type ParquetColumn = 'INT32' | 'INT32?' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'STRING' | 'STRING?';

/**
 * Rows as a Parquet file: one column for each entry of `columns`, in their order, Snappy-compressed (by plain
 * JavaScript, so the bytes are the same everywhere), readable by pandas, DuckDB, Arrow and Spark.
 *
 * @param columns name and storage of each column; INT64 holds whole numbers up to 2⁵³.
 */
export function writeParquet<R extends object>(
  rows: readonly R[],
  columns: Record<keyof R & string, ParquetColumn>,
): Uint8Array {
  const columnData = (Object.keys(columns) as (keyof R & string)[]).map((name): ColumnSource => {
    const nullable = columns[name].endsWith('?');
    const type = columns[name].replace('?', '') as ColumnSource['type'];
    const value = (row: R) => (type === 'INT64' ? BigInt(row[name] as number) : (row[name] ?? null));
    return { name, type, nullable, data: rows.map(value) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: ROW_GROUP_SIZE, createdBy: 'perimeter' }));
}
