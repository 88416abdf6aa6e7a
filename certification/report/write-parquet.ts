import { parquetWriteBuffer } from 'hyparquet-writer';

/** Rows of a row group: constant, so that the bytes don't follow the shards. */
const ROW_GROUP_SIZE = 50_000;

type Leaf = 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'STRING';
type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>;

/** How a column is stored; `?` where a row may have no value. A list holds values, or records of the fields named. */
export type ParquetColumn = Leaf | 'INT32?' | 'STRING?' | { readonly list: Leaf | Readonly<Record<string, Leaf>> };

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
  const entries = Object.entries(columns) as [keyof R & string, ParquetColumn][];
  const schema = [
    { name: 'root', num_children: entries.length },
    ...entries.flatMap(([name, column]) => columnSchema(name, column)),
  ];
  const columnData = entries.map(([name, column]) => ({ name, data: rows.map((row) => stored(row[name], column)) }));
  return new Uint8Array(
    parquetWriteBuffer({ columnData, schema, rowGroupSize: ROW_GROUP_SIZE, createdBy: 'perimeter' }),
  );
}

/** A list is three levels deep (github.com/apache/parquet-format, LogicalTypes.md, "Lists"). */
function columnSchema(name: string, column: ParquetColumn): Schema {
  const required = 'REQUIRED' as const;
  if (typeof column === 'string') {
    const type = column.replace('?', '') as Leaf;
    const repetition_type = column.endsWith('?') ? ('OPTIONAL' as const) : required;
    if (type === 'STRING') return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }];
    return [{ name, type, repetition_type }];
  }
  const { list } = column;
  const element: Schema =
    typeof list === 'string'
      ? columnSchema('element', list)
      : [
          { name: 'element', repetition_type: required, num_children: Object.keys(list).length },
          ...Object.entries(list).flatMap(([field, leaf]) => columnSchema(field, leaf)),
        ];
  return [
    { name, repetition_type: required, converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ];
}

/** A value as hyparquet-writer takes it. */
function stored(value: unknown, column: ParquetColumn): unknown {
  if (column === 'INT64') return BigInt(value as number);
  if (typeof column === 'string') return value ?? null;
  const { list } = column;
  if (typeof list === 'string') return (value as unknown[]).map((item) => stored(item, list));
  return (value as Record<string, unknown>[]).map((item) =>
    Object.fromEntries(Object.entries(list).map(([field, leaf]) => [field, stored(item[field], leaf)])),
  );
}
