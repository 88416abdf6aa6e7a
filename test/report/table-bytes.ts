import type { Sink, TableWriter } from '../../certification/report/table-writer.ts';

/**
 * All that a table of some rows writes.
 *
 * @param piece how many rows it is handed at a time; all of them where left out.
 */
export async function tableBytes<R>(
  begin: (write: Sink) => TableWriter<R>,
  rows: readonly R[],
  piece = rows.length,
): Promise<Uint8Array> {
  const written: Uint8Array[] = [];
  const table = begin((bytes) => {
    // The bytes are the table's own again afterwards.
    written.push(bytes.slice());
    return Promise.resolve();
  });
  for (let at = 0; at < rows.length; at += piece) await table.add(rows.slice(at, at + piece));
  await table.finish();
  return new Uint8Array(Buffer.concat(written));
}
