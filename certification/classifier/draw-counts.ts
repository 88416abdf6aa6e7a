import { phases, type Phase } from '../noise/phases.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { ModelPool } from './model-pool.ts';
import type { Segment } from './process/model-process-messages.ts';
import { createSampleQueue, type Piece } from './sample-queue.ts';
import { addPiece, type Looks, type Tally } from './tally.ts';

/** A request to a model process should last about this long: short enough for live progress and prompt cancelling. */
const CHUNK_MS = 300;

/** Time spent and samples drawn, for `metrics`. */
export interface DrawMetrics {
  samples: number;
  batches: number;
  inferenceMs: number;
}

/**
 * Draws samples of the tallies, adding to their counts, until each is over, with all of the pool's processes busy. What each example
 * comes to is a function of its own samples alone, in whatever order and pieces they are drawn.
 *
 * @param looks when an example's counts are looked at, and what ends it.
 * @param pixels the lattice points of an example, by its index in the dataset.
 * @param onLost told of samples that a request lost which failed, of an estimation whose noise the device draws by itself. They can't be
 * drawn again, and others in their place would be a choice by outcome, where the failure had to do with the noise. So they count
 * against every class, with those that gave NaN.
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
  looks,
  pixels,
  onLost,
  onProgress,
  signal,
}: {
  pool: ModelPool;
  key: readonly [number, number];
  phase: Phase;
  mixed: boolean;
  tallies: readonly Tally[];
  looks: Looks;
  pixels: (example: number) => Segment['pixels'];
  onLost?: (samples: number) => void;
  onProgress?: () => void;
  signal?: AbortSignal;
}): Promise<DrawMetrics> {
  const { batchSize } = pool.setup;
  const metrics: DrawMetrics = { samples: 0, batches: 0, inferenceMs: 0 };
  const queue = createSampleQueue({ tallies, looks, batchSize, mixed, places: pool.places });
  let msPerBatch: number | undefined;
  let failure: Error | undefined;
  let waiting: (() => void)[] = [];
  const wake = () => {
    for (const proceed of waiting) proceed();
    waiting = [];
  };

  const isLost = (error: unknown) =>
    pool.setup.deviceNoise !== undefined &&
    phase === phases.estimation &&
    error instanceof PerimeterError &&
    error.code === 'ModelProcessFailed';
  const lose = (piece: Piece) => {
    for (const { tally, from, to } of piece) {
      const counts = new Array<number>(pool.setup.classes + 1).fill(0);
      counts[pool.setup.classes] = to - from;
      addPiece(tally, { looks, from, to, counts });
      onLost?.(to - from);
    }
    onProgress?.();
  };

  const draw = async (piece: Piece) => {
    const segments = piece.map(({ tally, from, to }) => ({
      example: tally.example,
      pixels: pixels(tally.example),
      from,
      to,
    }));
    const reply = await pool.count({ key, phase, segments, mixed }, signal).catch((error: unknown) => {
      if (isLost(error)) lose(piece);
      throw error;
    });
    msPerBatch = reply.inferenceMs / reply.batches;
    metrics.batches += reply.batches;
    metrics.inferenceMs += reply.inferenceMs;
    piece.forEach(({ tally, from, to }, at) => {
      addPiece(tally, { looks, from, to, counts: reply.counts[at] });
      metrics.samples += to - from;
    });
    queue.finish(piece);
    onProgress?.();
  };
  const work = async () => {
    while (failure === undefined && signal?.aborted !== true) {
      const piece = queue.next(msPerBatch === undefined ? 1 : Math.max(1, Math.round(CHUNK_MS / msPerBatch)));
      if (piece === 'done') break;
      if (piece === 'wait') {
        await new Promise<void>((resolve) => waiting.push(resolve));
        continue;
      }
      try {
        await draw(piece);
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
      wake();
    }
    wake();
  };
  await Promise.all(Array.from({ length: pool.places }, work));
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure;
  return metrics;
}
