import type { Precision } from './settings.ts';

/** Something that samples or classifies, one turn after another. */
export interface Contender {
  /** Samples for about so many seconds. */
  turn(seconds: number): Promise<Turn>;
  close(): Promise<void> | void;
}

export interface Turn {
  readonly samplesPerSecond: number;
  /** The share of the time that the sampler's processes were inside the runtime, where that is known. */
  readonly insideRuntime?: number;
}

/** A contender that is yet to be opened, by the name that the table gives it. */
export interface Entrant {
  readonly what: string;
  readonly batch: number;
  readonly precision: Precision;
  /** What others are compared with: the bare model of their group, or the paper's loop. */
  readonly role?: 'bare' | 'published';
  open(): Promise<Contender>;
}
