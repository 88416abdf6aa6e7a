import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampleQueue, type Piece } from '../../certification/classifier/sample-queue.ts';
import { addPiece, emptyTally, type Looks, type Tally } from '../../certification/classifier/tally.ts';

const BATCH_SIZE = 64;
const looks: Looks = { at: [32, 64, 96, 128, 200, 300, 500], isOver: ({ example, seen }) => seen.length > example };

const newTally = (example: number) => emptyTally({ example, classes: 2 });
const rangesOf = (piece: Piece) => piece.map(({ tally, from, to }) => [tally.example, from, to]);

/** Puts a piece's samples, all of class 0, into their tallies. */
function finish(queue: ReturnType<typeof createSampleQueue>, piece: Piece) {
  for (const { tally, from, to } of piece) addPiece(tally, { looks, from, to, counts: [to - from, 0, 0] });
  queue.finish(piece);
}

function piece(next: Piece | 'wait' | 'done'): Piece {
  if (typeof next === 'string') throw new Error(`A piece was expected, and it was said to be "${next}".`);
  return next;
}

describe('the sample queue', () => {
  it('asks for every sample up to the look that ends an example once, in any order of answers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (examples, places, mixed, picks) => {
          const tallies = examples.map(newTally);
          const queue = createSampleQueue({ tallies, looks, batchSize: BATCH_SIZE, mixed, places });
          const underWay: Piece[] = [];
          const asked = new Map<Tally, number[]>();
          for (;;) {
            const next = underWay.length < places ? queue.next(3) : 'wait';
            if (next === 'done' && underWay.length === 0) break;
            if (typeof next === 'string') {
              expect(underWay.length).toBeGreaterThan(0);
              const [at] = picks.take(1);
              finish(queue, underWay.splice(at % underWay.length, 1)[0]);
              continue;
            }
            underWay.push(next);
            for (const { tally, from, to } of next) {
              const samples = asked.get(tally) ?? [];
              for (let sample = from; sample < to; sample++) samples.push(sample);
              asked.set(tally, samples);
            }
          }
          tallies.forEach((tally) => {
            const needed = looks.at[Math.min(tally.example, looks.at.length - 1)];
            const samples = (asked.get(tally) ?? []).sort((a, b) => a - b);
            expect(tally.over).toBe(true);
            expect(tally.counts[0]).toBe(needed);
            // From 0 on without a gap or a second time, and beyond the need by less than a batch.
            expect(samples).toEqual(samples.map((_, at) => at));
            expect(samples.length).toBeGreaterThanOrEqual(needed);
            expect(samples.length).toBeLessThan(needed + BATCH_SIZE);
          });
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });

  it('waits where samples in flight may fill a batch, and not where nothing more can come', () => {
    const tallies = [3, 3, 3].map(newTally);
    const queue = createSampleQueue({ tallies, looks, batchSize: BATCH_SIZE, mixed: true, places: 2 });
    const first = piece(queue.next(1));
    expect(rangesOf(first)).toEqual([
      [3, 0, 32],
      [3, 0, 32],
    ]);
    expect(queue.next(1)).toBe('wait');
    finish(queue, first);

    const after = piece(queue.next(1));
    expect(rangesOf(after)).toEqual([
      [3, 0, 32],
      [3, 32, 64],
    ]);
    finish(queue, after);

    // Nothing is ready, and the answer to what is in flight may ask for more.
    const alone = createSampleQueue({
      tallies: [newTally(5)],
      looks,
      batchSize: BATCH_SIZE,
      mixed: true,
      places: 2,
    });
    const only = piece(alone.next(1));
    expect(alone.next(1)).toBe('wait');
    finish(alone, only);
    expect(rangesOf(piece(alone.next(1)))).toEqual([
      [5, 64, 96],
      [5, 96, 128],
    ]);

    const fixed = createSampleQueue({
      tallies: [newTally(0)],
      looks: { at: [100] },
      batchSize: BATCH_SIZE,
      mixed: true,
      places: 2,
    });
    expect(rangesOf(piece(fixed.next(1)))).toEqual([[0, 0, 64]]);
    expect(rangesOf(piece(fixed.next(1)))).toEqual([[0, 64, 100]]);
    expect(fixed.next(1)).toBe('done');
  });

  it('drops what was asked for ahead where a look ends the example', () => {
    const tally: Tally = {
      ...newTally(0),
      pending: [
        [0, 32],
        [40, 200],
      ],
      ahead: [
        [0, 0, 0],
        [8, 0, 0],
      ],
    };
    const queue = createSampleQueue({ tallies: [tally], looks, batchSize: 32, mixed: true, places: 1 });
    finish(queue, piece(queue.next(1)));
    expect(tally.over).toBe(true);
    expect(queue.next(1)).toBe('done');
  });
});
