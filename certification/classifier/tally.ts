/** When an example's counts are looked at, and what a look may end. */
export interface Looks {
  /** Numbers of samples, ascending; the last is the most that are drawn. */
  readonly at: readonly number[];
  /** What a look keeps of an example: one number. Not asked at the last look's end alone. */
  readonly see?: (tally: Tally) => number;
  /** Whether what the looks saw so far ends the example before the last look. */
  readonly isOver?: (tally: Tally) => boolean;
}

/** What has been drawn of one example, and what has not. Drawing in any order, in any pieces, ends in the same counts. */
export interface Tally {
  readonly example: number;
  /** Samples by class up to the last look taken; the last entry counts those that gave NaN. */
  readonly counts: number[];
  /** Samples by class beyond it, in intervals between looks: the first is that up to the next look. */
  readonly ahead: number[][];
  /** What each look taken saw. */
  readonly seen: number[];
  /** Sample ranges asked for and not drawn: [from, to), in order, apart from each other. */
  pending: [from: number, to: number][];
  over: boolean;
}

/** A tally with nothing drawn yet. */
export function emptyTally({ example, classes }: { example: number; classes: number }): Tally {
  return { example, counts: new Array<number>(classes + 1).fill(0), ahead: [], seen: [], pending: [], over: false };
}

/** Samples drawn so far. */
export function drawnOf({ counts, ahead }: Pick<Tally, 'counts' | 'ahead'>): number {
  const sum = (some: readonly number[]) => some.reduce((total, count) => total + count, 0);
  return ahead.reduce((total, interval) => total + sum(interval), sum(counts));
}

/** Samples of ranges. */
export function samplesIn(ranges: Tally['pending']): number {
  return ranges.reduce((total, [from, to]) => total + to - from, 0);
}

/** Index of the interval between looks that a sample belongs to. */
export function intervalOf(looks: Looks, sample: number): number {
  return looks.at.findIndex((look) => sample < look);
}

/**
 * Adds the counts of samples `from` to `to`, which lie in one interval between looks, and takes the looks that are then due.
 *
 * @param counts by class, the last entry of NaN.
 */
export function addPiece(
  tally: Tally,
  { looks, from, to, counts }: { looks: Looks; from: number; to: number; counts: ArrayLike<number> },
) {
  tally.pending = without(tally.pending, from, to);
  // Samples drawn ahead of a look that ended the example count for nothing.
  if (tally.over) return;
  const interval = intervalOf(looks, from) - tally.seen.length;
  while (tally.ahead.length <= interval) tally.ahead.push(tally.counts.map(() => 0));
  for (let k = 0; k < counts.length; k++) tally.ahead[interval][k] += counts[k];
  takeLooks(tally, looks);
}

/** Takes the looks whose samples are all drawn. */
function takeLooks(tally: Tally, looks: Looks) {
  const isDrawn = () => {
    const next = looks.at[tally.seen.length];
    const begun = drawnOf(tally) + samplesIn(tally.pending);
    return begun >= next && tally.pending.every(([from]) => from >= next);
  };
  while (!tally.over && isDrawn()) {
    (tally.ahead.shift() ?? []).forEach((count, k) => (tally.counts[k] += count));
    tally.seen.push(looks.see?.(tally) ?? 0);
    tally.over = tally.seen.length === looks.at.length || looks.isOver?.(tally) === true;
  }
  if (tally.over) tally.pending = [];
}

/** Ranges without [from, to), which lies within one of them. */
function without(ranges: Tally['pending'], from: number, to: number): Tally['pending'] {
  return ranges.flatMap(([first, end]): Tally['pending'] => {
    if (to <= first || end <= from) return [[first, end]];
    const left: Tally['pending'] = first < from ? [[first, from]] : [];
    return to < end ? [...left, [to, end]] : left;
  });
}
