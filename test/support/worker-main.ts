/**
 * A worker of the tests: the product's own; where `poison` is an example, one that dies when it draws it, where
 * `unreadable` is a number n from 2, one that can't read every n-th example, and where `counts` is a file, one that
 * counts its samples there.
 */
import { countedSampler } from '../../bench/counted-sampler.ts';
import type { Dataset } from '../../certification/datasets/dataset.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { createSampler, type Sampler } from '../../certification/sampler.ts';
import { runWorkers } from '../../workers/run-workers.ts';
import type { WorkerSettings } from './cluster.ts';
import { setClock } from './set-clock.ts';

const {
  role,
  address,
  processes = 1,
  poison,
  unreadable,
  counts,
  heartbeatThrottleMs = 300,
  clock,
} = JSON.parse(process.argv[2]) as WorkerSettings;

/** An error message of two kilobytes. */
const UNREADABLE = 'the file of this example is no image'.padEnd(2_048, '.');

function createPoisonedSampler(sampler: Sampler): Sampler {
  return {
    ...sampler,
    openPool: async (poolOptions) => {
      const pool = await sampler.openPool(poolOptions);
      return {
        ...pool,
        count: (request) => {
          const poisoned = request.segments.some(({ example }) => example === poison);
          if (poisoned) process.kill(process.pid, 'SIGKILL');
          return pool.count(request);
        },
      };
    },
  };
}

function createUnreadingSampler(sampler: Sampler): Sampler {
  return {
    ...sampler,
    loadDataset: async (...source) => unreading(await sampler.loadDataset(...source)),
    loadPlannedDataset: async (...run) => unreading(await sampler.loadPlannedDataset(...run)),
  };
}

function unreading<Any extends Dataset>(dataset: Any): Any {
  const read = (index: number) =>
    unreadable !== undefined && index % unreadable === 1
      ? Promise.reject(new PerimeterError('InvalidDataset', `example ${index}: ${UNREADABLE}`))
      : dataset.read(index);
  return { ...dataset, read };
}

function createTestSampler(options: { processes: number }): Sampler {
  const sampler = createSampler(options);
  if (poison !== undefined) return createPoisonedSampler(sampler);
  if (unreadable !== undefined) return createUnreadingSampler(sampler);
  return counts === undefined ? sampler : countedSampler(sampler, counts);
}

if (clock !== undefined) setClock(clock);
await runWorkers({
  roles: [role],
  address,
  namespace: 'default',
  logLevel: 'WARN',
  processes,
  createSampler: createTestSampler,
  maxHeartbeatThrottleMs: heartbeatThrottleMs,
});
