import { describe, expect, it } from 'vitest';
import { largestOther, largestOtherWithLost } from '../../certification/classifier/class-counts.ts';
import type { ModelPool } from '../../certification/classifier/model-pool.ts';
import type { CountRequest } from '../../certification/classifier/process/model-process-messages.ts';
import { drawShard, type ShardProgress } from '../../certification/draw-shard.ts';
import { phases, type Phase } from '../../certification/noise/phases.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { cpu } from '../../certification/records/device.ts';
import { random } from '../models/random.ts';

const BATCH_SIZE = 10;
const N = 400;
const NONE = 2;

/**
 * A device with noise of its own, under which a sample is of class 0 or 1 alike.
 *
 * @param fails whether it dies of a request's outcomes, or before it has any.
 */
function pool({
  seed,
  fails,
  deviceNoise = true,
}: {
  seed: number;
  fails: (classes: number[]) => boolean;
  deviceNoise?: boolean;
}) {
  const next = random(seed);
  const asked: CountRequest[] = [];
  const made: ModelPool = {
    setup: {
      batchSize: BATCH_SIZE,
      shape: [1],
      classes: 2,
      elementType: 'int16',
      sigma: 1,
      stepsPerUnit: 255,
      threads: 1,
      device: cpu,
      ...(deviceNoise && { deviceNoise: { key: [0, 0] } }),
    },
    places: 1,
    probe: { probe: '', batchInvariant: true, batchDifference: 0, runtime: 'fake' },
    pids: () => [],
    count: (request) => {
      asked.push(request);
      const drawn = request.segments.map(({ from, to }) =>
        Array.from({ length: to - from }, () => (next() < 0.5 ? 0 : 1)),
      );
      if (fails(drawn.flat())) return Promise.reject(new PerimeterError('ModelProcessFailed', 'It died.'));
      const counts = drawn.map((classes) =>
        Uint32Array.of(classes.filter((k) => k === 0).length, classes.filter((k) => k === 1).length, 0),
      );
      return Promise.resolve({ counts, batches: 1, inferenceMs: 300 });
    },
    close: () => Promise.resolve(),
  };
  return { pool: made, asked };
}

/** Draws examples until an attempt ends by itself; each goes on from where the one before died. */
async function drawAll(
  made: ModelPool,
  { examples = 1, phase = phases.estimation, n = N }: { examples?: number; phase?: Phase; n?: number } = {},
) {
  let previous: ShardProgress | undefined;
  for (let deaths = 0; ; deaths++) {
    try {
      const { outcomes } = await drawShard({
        pool: made,
        key: [0, 0],
        phase,
        mixed: false,
        examples: Array.from({ length: examples }, (_, index) => ({
          index,
          label: 0,
          pixels: Uint8Array.of(1),
          moved: 0,
        })),
        looks: { at: [n] },
        finish: ({ counts }) => counts,
        ...(previous && { previous: JSON.parse(JSON.stringify(previous)) as ShardProgress }),
        onProgress: (progress) => (previous = progress()),
      });
      return { outcomes, deaths };
    } catch (error) {
      if (!(error instanceof PerimeterError) || deaths > 5_000) throw error;
    }
  }
}

const countsOf = (outcomes: Awaited<ReturnType<typeof drawAll>>['outcomes']) =>
  outcomes.map((outcome) => (outcome.status === 'drawn' ? outcome.numbers : []));

describe('samples of device noise that a failed request lost', () => {
  it('count once, against every class, and are not drawn again', async () => {
    let requests = 0;
    const { pool: made, asked } = pool({ seed: 1, fails: () => [3, 9].includes(++requests) });
    const { outcomes, deaths } = await drawAll(made, { examples: 3 });
    expect(deaths).toBe(2);
    const ranges = asked.flatMap(({ segments }) => segments.map(({ example, from, to }) => ({ example, from, to })));
    const lost = [2, 8].map((at) => asked[at].segments.reduce((sum, { from, to }) => sum + to - from, 0));
    const counts = countsOf(outcomes);
    expect(counts.map((each) => each.reduce((sum, count) => sum + count, 0))).toEqual([N, N, N]);
    expect(counts.reduce((sum, each) => sum + each[NONE], 0)).toBe(lost[0] + lost[1]);
    expect(lost[0]).toBeGreaterThan(0);
    // No sample was asked for twice, so that none can have been replaced by another.
    const numbers = ranges.flatMap(({ example, from, to }) =>
      Array.from({ length: to - from }, (_, at) => `${example}:${from + at}`),
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toHaveLength(3 * N);
  });

  it('gain nothing for a model that dies of the class it would rather not be', async () => {
    // It dies where a batch is of class 1 by far. Were those drawn again, class 0 would win, of classes that are alike.
    const n = 20_000;
    const dies = (classes: number[]) => classes.filter((k) => k === 1).length >= 8;
    const fair = n / 2 + 4 * Math.sqrt(n / 4);
    const { outcomes, deaths } = await drawAll(pool({ seed: 5, fails: dies }).pool, { n });
    expect(deaths).toBeGreaterThan(50);
    const [counts] = countsOf(outcomes);
    expect(counts[0]).toBeLessThan(fair);
    expect(counts[1] + counts[NONE]).toBeGreaterThan(n - fair);
    // With exact noise what is drawn again dies again; here it doesn't, which shows what the rule is for.
    const redrawn = await drawAll(pool({ seed: 5, fails: dies, deviceNoise: false }).pool, { n });
    const [biased] = countsOf(redrawn.outcomes);
    expect(biased[0]).toBeGreaterThan(fair);
  });

  it('are no progress: a device that only ever dies gives its example up', async () => {
    const { outcomes, deaths } = await drawAll(pool({ seed: 3, fails: () => true }).pool);
    expect(outcomes[0].status).toBe('givenUp');
    expect(deaths).toBe(3);
  });

  it('are drawn again in a selection, which only guesses, and with exact noise, which comes out as before', async () => {
    let requests = 0;
    const once = () => ++requests === 2;
    const selected = await drawAll(pool({ seed: 1, fails: once }).pool, { phase: phases.selection });
    expect(countsOf(selected.outcomes)[0][NONE]).toBe(0);
    requests = 0;
    const exact = await drawAll(pool({ seed: 1, fails: once, deviceNoise: false }).pool);
    expect(countsOf(exact.outcomes)[0][NONE]).toBe(0);
  });

  it('may all have been of the runner-up', () => {
    expect(largestOtherWithLost([50, 30, 20, 7], 0)).toBe(37);
    expect(largestOtherWithLost([50, 0, 0, 7], 0)).toBe(7);
    expect(largestOther([50, 30, 20, 7], 0)).toBe(30);
  });
});
