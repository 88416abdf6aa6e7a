import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawCounts } from '../../certification/classifier/draw-counts.ts';
import { openModelPool, type ModelPool } from '../../certification/classifier/model-pool.ts';
import type { CountRequest } from '../../certification/classifier/process/model-process-messages.ts';
import { emptyTally, type Looks, type Tally } from '../../certification/classifier/tally.ts';
import { drawShard, type ShardProgress } from '../../certification/draw-shard.ts';
import { phases } from '../../certification/noise/phases.ts';
import { looks as looksTo } from '../../certification/smoothing/looks.ts';
import { linearModel } from '../models/linear-model.ts';
import { modelSetup } from '../models/model-setup.ts';
import { random } from '../models/random.ts';

const SIZE = 12;
const BATCH_SIZE = 64;
const MOST = 3_000;
const EXAMPLES = 24;
const key: [number, number] = [7, 11];
const next = random(5);
const weights = Array.from({ length: 3 }, () => Float32Array.from({ length: SIZE }, () => next() - 0.5));
const model = linearModel({ shape: [1, 3, 4], weights, bias: [0.1, 0, -0.1] });
const images = Array.from({ length: EXAMPLES }, () =>
  Uint8Array.from({ length: SIZE }, () => Math.floor(256 * next())),
);
const pixels = (example: number) => images[example];

/** Looks that end an example of index i at its look 1 + (5i mod 29), or where its class 0 leads by far. */
const looks: Looks = {
  at: looksTo(MOST),
  see: ({ counts }) => counts[0],
  isOver: ({ example, seen, counts }) => seen.length > (5 * example) % 29 || counts[0] > 1_200,
};

interface Request extends CountRequest {
  readonly rows: number;
}

/** A pool that notes what it is asked for. */
function noting(pool: ModelPool): { pool: ModelPool; requests: Request[] } {
  const requests: Request[] = [];
  return {
    requests,
    pool: {
      ...pool,
      count: (request, signal) => {
        requests.push({ ...request, rows: request.segments.reduce((sum, { from, to }) => sum + to - from, 0) });
        return pool.count(request, signal);
      },
    },
  };
}

let pools: Record<1 | 3, ModelPool>;
beforeAll(async () => {
  const setup = modelSetup(model, { batchSize: BATCH_SIZE, sigma: 0.5 });
  pools = { 1: await openModelPool(setup, 1), 3: await openModelPool(setup, 3) };
});
afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.close()));
});

async function draw(pool: ModelPool, { mixed = true, only }: { mixed?: boolean; only?: number[] } = {}) {
  const tallies = (only ?? images.map((_, example) => example)).map((example) => emptyTally({ example, classes: 3 }));
  const metrics = await drawCounts({ pool, key, phase: phases.estimation, mixed, tallies, looks, pixels });
  return { tallies, metrics };
}

const outcome = (tallies: readonly Tally[]) => tallies.map(({ example, counts, seen }) => ({ example, counts, seen }));

describe('what the looks at an example see', () => {
  it('are the counts of its first samples, and nothing after the look that ended it', async () => {
    const { tallies } = await draw(pools[3]);
    for (const { example, counts, seen, over, pending } of tallies) {
      const all: Tally = emptyTally({ example, classes: 3 });
      const last = looks.at[seen.length - 1];
      const single = { at: looks.at.slice(0, seen.length), see: ({ counts: c }: Tally) => c[0] };
      await drawCounts({
        pool: pools[1],
        key,
        phase: phases.estimation,
        mixed: true,
        tallies: [all],
        looks: single,
        pixels,
      });
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(last);
      expect({ counts, seen }).toEqual({ counts: all.counts, seen: all.seen });
      expect(over && pending.length === 0).toBe(true);
      expect(seen.length === ((5 * example) % 29) + 1 || counts[0] > 1_200 || last === MOST).toBe(true);
    }
  });

  it('are the same with any number of processes, beside any others, and in unmixed batches', async () => {
    const expected = outcome((await draw(pools[3])).tallies);
    expect(outcome((await draw(pools[1])).tallies)).toEqual(expected);
    expect(outcome((await draw(pools[3], { mixed: false })).tallies)).toEqual(expected);
    for (const example of [0, 7, 15]) {
      expect(outcome((await draw(pools[1], { only: [example] })).tallies)).toEqual([expected[example]]);
    }
  });

  it('are the same where the attempt is cut short anywhere', async () => {
    const examples = images.map((image, index) => ({ index, label: 0, pixels: image, moved: 0 }));
    const shard = (mixed: boolean, options: Partial<Parameters<typeof drawShard>[0]> = {}) =>
      drawShard({
        pool: pools[3],
        key,
        phase: phases.estimation,
        mixed,
        examples,
        looks,
        finish: ({ counts, seen }) => [...counts, ...seen],
        ...options,
      });
    const { outcomes: expected } = await shard(true);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }),
        fc.boolean(),
        async (stops, mixed) => {
          let previous: ShardProgress | undefined;
          for (const pieces of stops) {
            const stop = new AbortController();
            let seen = 0;
            const attempt = shard(mixed, {
              ...(previous && { previous: JSON.parse(JSON.stringify(previous)) as ShardProgress }),
              signal: stop.signal,
              onProgress: (progress) => {
                previous = progress();
                if (++seen > pieces) stop.abort(new Error('stopped'));
              },
            });
            await attempt.catch((error: unknown) => {
              if (!stop.signal.aborted) throw error;
            });
          }
          const { outcomes } = await shard(mixed, { ...(previous && { previous }) });
          expect(outcomes).toEqual(expected);
        },
      ),
      { numRuns: 15, seed: 2 },
    );
  });
});

describe('batches', () => {
  it('are full until the last open examples', async () => {
    const { pool, requests } = noting(pools[3]);
    const { metrics, tallies } = await draw(pool);
    const ragged = requests.filter(({ rows }) => rows % BATCH_SIZE !== 0);
    // Only what nothing else could fill, and where an example had all its samples.
    expect(ragged.length).toBeLessThanOrEqual(1);
    expect(metrics.samples / (metrics.batches * BATCH_SIZE)).toBeGreaterThan(0.95);
    // And not by drawing what no look asked for.
    const asked = tallies.reduce((sum, { seen }) => sum + looks.at[seen.length - 1], 0);
    expect(metrics.samples).toBeLessThan(1.02 * asked);
  });

  it('hold the cheapest looks first', async () => {
    const { pool, requests } = noting(pools[1]);
    await draw(pool);
    const firsts = requests.map(({ segments }) => Math.min(...segments.map(({ from }) => from)));
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
  });

  it('give their spare rows to the next samples of their own examples', async () => {
    const { pool, requests } = noting(pools[1]);
    await draw(pool, { only: [7] });
    expect(requests[0].segments.map(({ from, to }) => [from, to])).toEqual([
      [0, 32],
      [32, 64],
    ]);
    expect(requests.every(({ rows }) => rows === BATCH_SIZE)).toBe(true);
  });

  it('unmixed hold one example, each sample at its own place', async () => {
    const { pool, requests } = noting(pools[3]);
    await draw(pool, { mixed: false });
    for (const { segments } of requests) {
      segments.forEach(({ example, from }, at) => {
        const goesOn = at > 0 && segments[at - 1].example === example && segments[at - 1].to === from;
        expect(goesOn || from % BATCH_SIZE === 0).toBe(true);
      });
    }
    // No batch is drawn twice.
    const batches = requests.flatMap(({ segments }) =>
      segments.filter(({ from }) => from % BATCH_SIZE === 0).map(({ example, from }) => `${example}:${from}`),
    );
    expect(new Set(batches).size).toBe(batches.length);
  });
});
