/** Where a table's bytes go; they are the caller's again when it resolves. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** A table that is written as its rows come; what it writes is a function of the rows, however they are dealt out. */
export interface TableWriter<R> {
  add(rows: readonly R[]): Promise<void>;
  /** Writes what is left. */
  finish(): Promise<void>;
}
