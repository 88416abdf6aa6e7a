import type { Phase } from '../noise/phases.ts';
import type { ModelPool } from './model-pool.ts';
import type { Segment } from './model-process-messages.ts';

/** What has been drawn of one example, and what has not. Drawing in any order, in any pieces, ends in the same counts. */
export interface Tally {
  readonly example: number;
  /** Samples by class; the last entry counts those that gave NaN. */
  readonly counts: number[];
  /** Sample ranges still to draw: [from, to), in order, apart from each other. */
  pending: [from: number, to: number][];
}

/** A tally with nothing drawn yet of `samples`. */
export function emptyTally({
  example,
  classes,
  samples,
}: {
  example: number;
  classes: number;
  samples: number;
}): Tally {
  return { example, counts: new Array<number>(classes + 1).fill(0), pending: [[0, samples]] };
}

/** Samples that are still to be drawn. */
export function pendingSamples(tallies: readonly Tally[]): number {
  let samples = 0;
  for (const { pending } of tallies) for (const [from, to] of pending) samples += to - from;
  return samples;
}

/** A request to a model process should last about this long: short enough for live progress and prompt cancelling. */
const CHUNK_MS = 300;

/** Time spent and samples drawn, for `metrics`. */
export interface DrawMetrics {
  samples: number;
  batches: number;
  inferenceMs: number;
}

/**
 * Draws every pending sample of the tallies, adding to their counts, with all of the pool's processes busy.
 *
 * @param pixels the lattice points of an example, by its index in the dataset.
 * @param onProgress called after each piece, with the tallies as they then stand: what is in flight is pending.
 * @param signal stops before the next piece; what was in flight is waited for and added.
 * @throws PerimeterError `ModelProcessFailed` where a model process dies: the tallies then hold all finished pieces.
 */
export async function drawCounts({
  pool,
  key,
  phase,
  mixed,
  tallies,
  pixels,
  onProgress,
  signal,
}: {
  pool: ModelPool;
  key: readonly [number, number];
  phase: Phase;
  mixed: boolean;
  tallies: readonly Tally[];
  pixels: (example: number) => Segment['pixels'];
  onProgress?: () => void;
  signal?: AbortSignal;
}): Promise<DrawMetrics> {
  const { batchSize } = pool.setup;
  const metrics: DrawMetrics = { samples: 0, batches: 0, inferenceMs: 0 };
  const undrawn = tallies.flatMap((tally) => tally.pending.map(([from, to]) => ({ tally, from, to })));
  let remaining = pendingSamples(tallies);
  let msPerBatch: number | undefined;
  let failure: Error | undefined;

  /** The next samples, whole batches of them: few at first and at the end, so that all processes finish together. */
  const nextPiece = () => {
    const fair = Math.ceil(remaining / (2 * pool.processes * batchSize));
    const timely = msPerBatch === undefined ? 1 : Math.round(CHUNK_MS / msPerBatch);
    let room = Math.max(1, Math.min(fair, timely)) * batchSize;
    const piece: { tally: Tally; from: number; to: number }[] = [];
    while (room > 0 && undrawn.length > 0) {
      const next = undrawn[0];
      const to = Math.min(next.to, next.from + room);
      piece.push({ tally: next.tally, from: next.from, to });
      const drawn = to - next.from;
      // An unmixed batch is one example's alone, so a short end costs a whole batch.
      room -= mixed ? drawn : Math.ceil(drawn / batchSize) * batchSize;
      remaining -= drawn;
      if (to === next.to) undrawn.shift();
      else next.from = to;
    }
    return piece;
  };

  const work = async () => {
    while (failure === undefined && signal?.aborted !== true && undrawn.length > 0) {
      const piece = nextPiece();
      const segments = piece.map(({ tally, from, to }) => ({
        example: tally.example,
        pixels: pixels(tally.example),
        from,
        to,
      }));
      try {
        const reply = await pool.count({ key, phase, segments, mixed }, signal);
        msPerBatch = reply.inferenceMs / reply.batches;
        metrics.batches += reply.batches;
        metrics.inferenceMs += reply.inferenceMs;
        piece.forEach(({ tally, from, to }, at) => {
          reply.counts[at].forEach((count, k) => (tally.counts[k] += count));
          tally.pending = without(tally.pending, from, to);
          metrics.samples += to - from;
        });
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
        return;
      }
      onProgress?.();
    }
  };
  await Promise.all(Array.from({ length: pool.processes }, work));
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure;
  return metrics;
}

/** Ranges without [from, to), which lies within one of them. */
function without(ranges: Tally['pending'], from: number, to: number): Tally['pending'] {
  return ranges.flatMap(([first, end]): Tally['pending'] => {
    if (to <= first || end <= from) return [[first, end]];
    const left: Tally['pending'] = first < from ? [[first, from]] : [];
    return to < end ? [...left, [to, end]] : left;
  });
}
