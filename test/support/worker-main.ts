/** A worker of the tests: the product's own, and where `poison` is an example, one that dies when it draws it. */
import { createSampler, type Sampler } from '../../certification/sampler.ts';
import { runWorkers } from '../../workers/run-workers.ts';

const [role, address, processes, poison] = process.argv.slice(2);

function createPoisonedSampler(options: { processes: number }): Sampler {
  const sampler = createSampler(options);
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

await runWorkers({
  roles: [role === 'control' ? 'control' : 'sampler'],
  address,
  namespace: 'default',
  logLevel: 'WARN',
  processes: Number(processes),
  createSampler: Number(poison) >= 0 ? createPoisonedSampler : createSampler,
  maxHeartbeatThrottleMs: 300,
});
