/**
 * A worker of the tests: the product's own; where `poison` is an example, one that dies when it draws it, and where
 * `unreadable` is a number n from 2, one that can't read every n-th example.
 */
import type { Dataset } from '../../certification/datasets/dataset.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { createSampler, type Sampler } from '../../certification/sampler.ts';
import { runWorkers } from '../../workers/run-workers.ts';

const [role, address, processes, poison, unreadable] = process.argv.slice(2);

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
          const poisoned = request.segments.some(({ example }) => example === Number(poison));
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
    index % Number(unreadable) === 1
      ? Promise.reject(new PerimeterError('InvalidDataset', `example ${index}: ${UNREADABLE}`))
      : dataset.read(index);
  return { ...dataset, read };
}

function createTestSampler(options: { processes: number }): Sampler {
  const sampler = createSampler(options);
  if (Number(poison) >= 0) return createPoisonedSampler(sampler);
  return Number(unreadable) > 0 ? createUnreadingSampler(sampler) : sampler;
}

await runWorkers({
  roles: [role === 'control' ? 'control' : 'sampler'],
  address,
  namespace: 'default',
  logLevel: 'WARN',
  processes: Number(processes),
  createSampler: createTestSampler,
  maxHeartbeatThrottleMs: 300,
});
