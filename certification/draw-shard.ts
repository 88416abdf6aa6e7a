import { drawCounts, type DrawMetrics } from './classifier/draw-counts.ts';
import { drawnOf, emptyTally, type Looks, type Tally } from './classifier/tally.ts';
import type { ModelPool } from './classifier/model-pool.ts';
import type { LatticeExample } from './lattice-example.ts';
import type { Phase } from './noise/phases.ts';
import { PerimeterError } from './perimeter-error.ts';

/** So often may an example's sampler die with nothing drawn in between before the example is given up. */
const MAX_STRIKES = 3;

/** Why an example was given up. It names no place or time: equal runs give equal rows. */
const GIVEN_UP = `its sampler died ${MAX_STRIKES} times in a row while drawing it`;

/**
 * How far a shard has come: small, JSON, and all that another attempt needs. Counts add up over any pieces in any
 * order, so an attempt that goes on from here ends in the same bytes as one that starts anew.
 */
export interface ShardProgress {
  /** Finished examples: index in the dataset, then what `finish` made of its counts. */
  readonly finished: readonly (readonly [example: number, outcome: readonly number[]])[];
  /**
   * Examples begun and not finished: index; the counts by class up to the last look taken, then those of the intervals after it, each
   * without its zeros; what the looks saw; and the sample ranges still to draw.
   */
  readonly open: readonly (readonly [
    example: number,
    intervals: readonly SparseCounts[],
    seen: readonly number[],
    pending: Tally['pending'],
  ])[];
  readonly givenUp: readonly number[];
  /** Deaths in a row without a sample drawn, this attempt's own possible death counted. */
  readonly strikes: number;
  /** Samples that are settled: all of a finished example's, whether it needed them or not, and those drawn of an open one. */
  readonly drawn: number;
  readonly drawnAtStart: number;
  /** Whether the attempt ended for a reason that is no example's fault: it was told to, or lacked something. */
  readonly stopped: boolean;
}

type SparseCounts = readonly (readonly [k: number, count: number])[];

/** Of an attempt that left no trace. */
export const NO_PROGRESS: ShardProgress = {
  finished: [],
  open: [],
  givenUp: [],
  strikes: 0,
  drawn: 0,
  drawnAtStart: 0,
  stopped: false,
};

export type Outcome =
  | { readonly status: 'drawn'; readonly numbers: readonly number[] }
  | { readonly status: 'givenUp'; readonly reason: string };

/** Which examples to draw with what, and how an attempt is followed. */
export interface Drawing {
  readonly pool: ModelPool;
  readonly key: readonly [number, number];
  readonly mixed: boolean;
  readonly examples: readonly LatticeExample[];
  /** Where the last attempt got to, if it died; undefined for a first attempt. */
  readonly previous?: ShardProgress | undefined;
  /** Told at the start and after each piece; reads the progress only when it wants to pass it on. */
  readonly onProgress?: (progress: () => ShardProgress) => void;
  /** Waits until the last progress told is surely kept. */
  readonly settle?: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

export interface DrawShardOptions extends Drawing {
  readonly phase: Phase;
  readonly looks: Looks;
  /** Makes of an example's counts the few numbers that its row needs. */
  readonly finish: (tally: Tally) => readonly number[];
}

/**
 * Draws each example's samples until its looks end it, going on from where a previous attempt got to.
 *
 * An attempt that died leaves a strike on the first example it hadn't finished. With a strike, that example is drawn
 * alone, so that a next death is surely its own; after three it is given up. The examples after it are drawn in groups
 * of 2, 4, 8, …: where one of those is at fault, few deaths find it, and where none is, little time is lost.
 *
 * @returns the outcome of each example, in the order given, and what it cost.
 * @throws PerimeterError `ModelProcessFailed` where a model process dies.
 */
export async function drawShard(options: DrawShardOptions): Promise<{ outcomes: Outcome[]; metrics: DrawMetrics }> {
  const { pool, key, phase, mixed, examples, looks, finish, previous, signal } = options;
  const pixelsOf = new Map(examples.map(({ index, pixels }) => [index, pixels]));
  const most = looks.at[looks.at.length - 1];
  const finished = new Map(previous?.finished);
  const givenUp = new Set(previous?.givenUp);
  const tallies = openTallies(options, finished, givenUp);

  let strikes = nextStrikes(previous);
  if (strikes >= MAX_STRIKES && tallies.length > 0) {
    givenUp.add(tallies[0].example);
    tallies.shift();
    strikes = 0;
  }
  // What is lost is settled, and no progress.
  let drawnAtStart = previous?.drawn ?? 0;
  let stopped = false;
  const progress = (): ShardProgress => {
    const begun = tallies.filter((tally) => !tally.over && drawnOf(tally) > 0);
    return {
      finished: [...finished],
      open: begun.map(({ example, counts, ahead, seen, pending }) => [
        example,
        [counts, ...ahead].map(withoutZeros),
        seen,
        pending,
      ]),
      givenUp: [...givenUp],
      strikes,
      drawn: finished.size * most + begun.reduce((sum, tally) => sum + drawnOf(tally), 0),
      drawnAtStart,
      stopped,
    };
  };
  const collect = () => {
    for (const tally of tallies) {
      if (tally.over && !finished.has(tally.example)) finished.set(tally.example, finish(tally));
    }
    options.onProgress?.(progress);
  };
  const pixels = (example: number) => pixelsOf.get(example) ?? new Uint8Array();
  const draw = (some: readonly Tally[]) =>
    drawCounts({
      pool,
      key,
      phase,
      mixed,
      tallies: some,
      looks,
      pixels,
      onLost: (samples) => (drawnAtStart += samples),
      onProgress: collect,
      ...(signal && { signal }),
    });

  options.onProgress?.(progress);
  if (strikes > 0) await options.settle?.();
  const metrics: DrawMetrics = { samples: 0, batches: 0, inferenceMs: 0 };
  const add = (some: DrawMetrics) => {
    metrics.samples += some.samples;
    metrics.batches += some.batches;
    metrics.inferenceMs += some.inferenceMs;
  };
  try {
    for (const group of strikes > 0 ? growingGroups(tallies) : [tallies]) {
      add(await draw(group));
      if (strikes > 0) await options.settle?.();
    }
  } catch (error) {
    stopped = !(error instanceof PerimeterError && error.code === 'ModelProcessFailed');
    throw error;
  }

  const outcomes = examples.map(({ index }): Outcome => {
    const numbers = finished.get(index);
    if (numbers !== undefined) return { status: 'drawn', numbers };
    if (givenUp.has(index)) return { status: 'givenUp', reason: GIVEN_UP };
    throw new Error(`Example ${index} was neither drawn nor given up.`);
  });
  return { outcomes, metrics };
}

/** The tallies in groups of 1, 2, 4, 8, … */
function growingGroups(tallies: readonly Tally[]): Tally[][] {
  const groups: Tally[][] = [];
  for (let first = 0, size = 1; first < tallies.length; first += size, size = first + 1) {
    groups.push(tallies.slice(first, first + size));
  }
  return groups;
}

/** Strikes against the first open example when a new attempt begins. */
function nextStrikes(previous: ShardProgress | undefined): number {
  if (previous === undefined) return 0;
  const earlier = previous.drawn === previous.drawnAtStart ? previous.strikes : 0;
  return previous.stopped ? earlier : earlier + 1;
}

/** A tally for each example that is neither finished nor given up, in the order given. */
function openTallies(
  { pool, examples, previous }: DrawShardOptions,
  finished: ReadonlyMap<number, readonly number[]>,
  givenUp: ReadonlySet<number>,
): Tally[] {
  const begun = new Map(previous?.open.map(([example, ...partial]) => [example, partial]));
  const { classes } = pool.setup;
  return examples.flatMap(({ index }): Tally[] => {
    if (finished.has(index) || givenUp.has(index)) return [];
    const empty = emptyTally({ example: index, classes });
    const partial = begun.get(index);
    if (partial === undefined) return [empty];
    const [intervals, seen, pending] = partial;
    const [counts, ...ahead] = intervals.map((sparse) => withZeros(sparse, classes));
    return [{ ...empty, counts, ahead, seen: [...seen], pending: pending.map(([from, to]) => [from, to]) }];
  });
}

function withoutZeros(counts: readonly number[]): SparseCounts {
  return counts.flatMap((count, k): [number, number][] => (count > 0 ? [[k, count]] : []));
}

function withZeros(sparse: SparseCounts, classes: number): number[] {
  const counts = new Array<number>(classes + 1).fill(0);
  for (const [k, count] of sparse) counts[k] = count;
  return counts;
}
