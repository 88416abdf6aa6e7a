import type { MeanReading } from './device-readings.ts';
import type { Machine } from './machine.ts';
import type { MatrixPeak } from './matrix-peak.ts';
import type { Precision } from './settings.ts';

/** What a row is of. */
export interface RowKey {
  /** The model's title. */
  readonly model: string;
  readonly precision: Precision;
  readonly batch: number;
  readonly what: string;
}

export type Row = RowKey &
  (
    | ({
        readonly status: 'measured';
        readonly samplesPerSecond: number;
        /** That of each round, in order. */
        readonly rounds: readonly number[];
        /** Rate by the bare model's. */
        readonly ofBare: number | undefined;
        /** Rate by that of the paper's loop. */
        readonly ofPublished: number | undefined;
        readonly insideRuntime: number | undefined;
        readonly joulesPerSample: number | undefined;
        /** Rate of the network's multiply-adds by the card's, in this precision. */
        readonly ofPeak: number | undefined;
      } & MeanReading)
    | { readonly status: 'failed'; readonly reason: string }
  );

/** A line of the results. */
export type Result =
  | ({ readonly type: 'machine' } & Machine)
  | { readonly type: 'runtime'; readonly runtime: string; readonly libraries: readonly string[] }
  | ({ readonly type: 'peak'; readonly precision: Precision } & MatrixPeak)
  | { readonly type: 'peak-failed'; readonly precision: Precision; readonly reason: string }
  | ({ readonly type: 'turn'; readonly round: number; readonly samplesPerSecond: number } & RowKey)
  | ({ readonly type: 'row' } & Row);
