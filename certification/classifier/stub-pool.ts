import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { noiseKey } from '../noise/noise-key.ts';
import { philox4x32, type PhiloxKey } from '../noise/philox4x32.ts';
import { stubLabel, stubModelDigest, type Stub } from '../records/stub.ts';
import type { ModelDescription } from './graph/inspect-model.ts';
import type { ModelPool } from './model-pool.ts';
import type { CountRequest, Segment } from './process/model-process-messages.ts';

/** What a stub looks like as a model of examples of the given shape. */
export function stubDescription({ classes }: Stub, shape: readonly number[]): ModelDescription {
  return {
    input: { name: 'stub', type: 'float32', dims: ['batch', ...shape] },
    output: { name: 'stub', type: 'float32', dims: ['batch', classes] },
    layout: 'NCHW',
    shape: [...shape],
    batch: null,
    classes,
    endsWithSoftmax: false,
    opset: 0,
    irVersion: 0,
    producer: 'stub',
    parameters: 0,
    nodes: 0,
    operators: {},
  };
}

/**
 * A pool that runs no model: an example's samples are of its label with the probability `pA` that its law gave the
 * example, else of the next class. Whether sample s is depends on the key, the phase, the example and s alone, like noise,
 * so that counts add up over any pieces. The probability depends on the stub and the example alone, as a true model's
 * does: another seed draws other samples of the same probabilities.
 *
 * @param setup what a model process would be told beside the model.
 * @param processes how many requests are answered at a time, each at the stub's pace.
 */
export function openStubPool({
  stub,
  setup,
  processes,
}: {
  stub: Stub;
  setup: ModelPool['setup'];
  processes: number;
}): ModelPool {
  const digest = stubModelDigest(stub);
  const lawKey = noiseKey({ seed: 'perimeter-stub', claimDigest: digest });
  return {
    setup,
    places: processes,
    probe: { probe: digest, batchInvariant: true, batchDifference: 0, runtime: 'stub' },
    pids: () => [],
    count: async ({ key, phase, segments }, signal) => {
      const started = performance.now();
      const counts = segments.map((segment) => {
        const byClass = new Uint32Array(stub.classes + 1);
        const label = stubLabel(stub, segment.example);
        const ofLabel = countBelow(segment, { key, phase, threshold: stubThreshold(stub, lawKey, segment.example) });
        byClass[label] = ofLabel;
        byClass[(label + 1) % stub.classes] = segment.to - segment.from - ofLabel;
        return byClass;
      });
      const samples = segments.reduce((sum, { from, to }) => sum + to - from, 0);
      const left = samples * stub.secondsPerSample * 1_000 - (performance.now() - started);
      // Heartbeats, and the word to stop, come in between.
      if (left > 0) await sleep(left, undefined, signal && { signal }).catch(ignoreAbort);
      else await setImmediate();
      const batches = Math.ceil(samples / setup.batchSize);
      return { counts, batches, inferenceMs: performance.now() - started };
    },
    close: () => Promise.resolve(),
  };
}

/** How many of a segment's samples have a uniform 32-bit word below the threshold. */
function countBelow(
  { example, from, to }: Segment,
  { key, phase, threshold }: Pick<CountRequest, 'key' | 'phase'> & { threshold: number },
): number {
  let below = 0;
  for (let block = Math.floor(from / 4); 4 * block < to; block++) {
    const words = philox4x32({ counter: [block, 0, example, phase], key });
    const first = Math.max(from - 4 * block, 0);
    const end = Math.min(to - 4 * block, 4);
    for (let lane = first; lane < end; lane++) if (words[lane] < threshold) below++;
  }
  return below;
}

/**
 * An example's pA · 2³². A number of the law Beta(a, b), a and b whole, is the a-th least of a + b − 1 uniform ones
 * (David & Nagaraja, Order Statistics, 2003, §2.1), which asks for no arithmetic that engines do differently.
 */
function stubThreshold({ pA: { a, b } }: Stub, key: PhiloxKey, example: number): number {
  const uniform: number[] = [];
  for (let block = 0; uniform.length < a + b - 1; block++) {
    uniform.push(...philox4x32({ counter: [block, 0, example, 0], key }));
  }
  return uniform.slice(0, a + b - 1).sort((x, y) => x - y)[a - 1];
}

/** What was drawn is answered with, a little early. */
function ignoreAbort(error: unknown) {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
