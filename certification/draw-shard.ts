import { drawCounts, emptyTally, type DrawMetrics, type Tally } from './classifier/draw-counts.ts';
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
  /** Examples begun and not finished: index, the counts that aren't 0 by class, and the sample ranges still to draw. */
  readonly open: readonly (readonly [
    example: number,
    counts: readonly (readonly [k: number, count: number])[],
    pending: Tally['pending'],
  ])[];
  readonly givenUp: readonly number[];
  /** Deaths in a row without a sample drawn, this attempt's own possible death counted. */
  readonly strikes: number;
  readonly drawn: number;
  readonly drawnAtStart: number;
  /** Whether the attempt ended for a reason that is no example's fault: it was told to, or lacked something. */
  readonly stopped: boolean;
}

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

export interface DrawShardOptions {
  readonly pool: ModelPool;
  readonly key: readonly [number, number];
  readonly phase: Phase;
  readonly mixed: boolean;
  readonly examples: readonly LatticeExample[];
  readonly samples: number;
  /** Makes of an example's counts the few numbers that its row needs. */
  readonly finish: (counts: readonly number[], example: LatticeExample) => readonly number[];
  /** Where the last attempt got to, if it died; undefined for a first attempt. */
  readonly previous?: ShardProgress | undefined;
  /** Told at the start and after each piece; reads the progress only when it wants to pass it on. */
  readonly onProgress?: (progress: () => ShardProgress) => void;
  /** Waits until the last progress told is surely kept. */
  readonly settle?: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Draws `samples` of each example, going on from where a previous attempt got to.
 *
 * An attempt that died leaves a strike on the first example it hadn't finished. With a strike, that example is drawn
 * alone, so that a next death is surely its own; after three it is given up. The examples after it are drawn in groups
 * of 2, 4, 8, …: where one of those is at fault, few deaths find it, and where none is, little time is lost.
 *
 * @returns the outcome of each example, in the order given, and what it cost.
 * @throws PerimeterError `ModelProcessFailed` where a model process dies.
 */
export async function drawShard(options: DrawShardOptions): Promise<{ outcomes: Outcome[]; metrics: DrawMetrics }> {
  const { pool, key, phase, mixed, examples, samples, finish, previous, signal } = options;
  const byIndex = new Map(examples.map((example) => [example.index, example]));
  const finished = new Map(previous?.finished);
  const givenUp = new Set(previous?.givenUp);
  const tallies = openTallies(options, finished, givenUp);

  let strikes = nextStrikes(previous);
  if (strikes >= MAX_STRIKES && tallies.length > 0) {
    givenUp.add(tallies[0].example);
    tallies.shift();
    strikes = 0;
  }
  const drawnAtStart = previous?.drawn ?? 0;
  let stopped = false;
  const drawnOf = (tally: Tally) => tally.counts.reduce((sum, count) => sum + count, 0);
  const progress = (): ShardProgress => {
    const begun = tallies.filter((tally) => tally.pending.length > 0 && drawnOf(tally) > 0);
    return {
      finished: [...finished],
      open: begun.map(({ example, counts, pending }) => [
        example,
        counts.flatMap((count, k): [number, number][] => (count > 0 ? [[k, count]] : [])),
        pending,
      ]),
      givenUp: [...givenUp],
      strikes,
      drawn: finished.size * samples + begun.reduce((sum, tally) => sum + drawnOf(tally), 0),
      drawnAtStart,
      stopped,
    };
  };
  const collect = () => {
    for (const { example, pending, counts } of tallies) {
      const at = byIndex.get(example);
      if (at !== undefined && pending.length === 0 && !finished.has(example)) finished.set(example, finish(counts, at));
    }
    options.onProgress?.(progress);
  };
  const pixels = (example: number) => byIndex.get(example)?.pixels ?? new Uint8Array();
  const draw = (some: readonly Tally[]) =>
    drawCounts({ pool, key, phase, mixed, tallies: some, pixels, onProgress: collect, ...(signal && { signal }) });

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
  { pool, examples, samples, previous }: DrawShardOptions,
  finished: ReadonlyMap<number, readonly number[]>,
  givenUp: ReadonlySet<number>,
): Tally[] {
  const begun = new Map(previous?.open.map(([example, counts, pending]) => [example, { counts, pending }]));
  const { classes } = pool.setup;
  return examples.flatMap(({ index }): Tally[] => {
    if (finished.has(index) || givenUp.has(index)) return [];
    const tally = emptyTally({ example: index, classes, samples });
    const partial = begun.get(index);
    if (partial !== undefined) {
      for (const [k, count] of partial.counts) tally.counts[k] = count;
      tally.pending = partial.pending.map(([from, to]) => [from, to]);
    }
    return [tally];
  });
}
