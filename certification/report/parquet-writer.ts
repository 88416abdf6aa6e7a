import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Sink, TableWriter } from './table-writer.ts';

/**
 * Rows of a row group: constant, so that the bytes don't follow the shards. A group is held until it is whole, in rows and
 * in columns: some 20 MB. Readers skip groups by their statistics.
 */
const ROW_GROUP_SIZE = 10_000;

type Leaf = 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'STRING';
type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

/** How a column is stored; `?` where a row may have no value. A list holds values, or records of the fields named. */
type ParquetColumn = Leaf | 'INT32?' | 'STRING?' | { readonly list: Leaf | Readonly<Record<string, Leaf>> };

/**
 * A Parquet file, written a row group at a time: one column for each entry of `columns`, in their order,
 * Snappy-compressed (by plain JavaScript, so the bytes are the same everywhere), readable by pandas, DuckDB, Arrow and
 * Spark.
 *
 * @param columns name and storage of each column; INT64 holds whole numbers up to 2⁵³.
 */
export function parquetWriter<R extends object>(
  columns: Record<keyof R & string, ParquetColumn>,
  write: Sink,
): TableWriter<R> {
  const entries = Object.entries(columns) as [keyof R & string, ParquetColumn][];
  const schema = [
    { name: 'root', num_children: entries.length },
    ...entries.flatMap(([name, column]) => columnSchema(name, column)),
  ];
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema, createdBy: 'perimeter' });
  let rows: R[] = [];

  const flush = async () => {
    await write(writer.getBytes());
    // The bytes are gone; their offset in the file, which its footer refers to, stays.
    writer.index = 0;
  };

  const writeGroup = async () => {
    const columnData = entries.map(([name, column]) => ({ name, data: rows.map((row) => stored(row[name], column)) }));
    rows = [];
    await file.write({ columnData, rowGroupSize: ROW_GROUP_SIZE });
    await flush();
  };

  return {
    add: async (more) => {
      for (const row of more) {
        rows.push(row);
        if (rows.length === ROW_GROUP_SIZE) await writeGroup();
      }
    },
    finish: async () => {
      if (rows.length > 0) await writeGroup();
      await file.finish();
      await flush();
    },
  };
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
