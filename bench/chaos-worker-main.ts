/** A worker as `perimeter worker` runs it, with its samples counted in a file. */
import { createSampler } from '../certification/sampler.ts';
import { runWorkers } from '../workers/run-workers.ts';
import { countedSampler } from './counted-sampler.ts';

const [role, address, counts] = process.argv.slice(2);

await runWorkers({
  roles: [role === 'control' ? 'control' : 'sampler'],
  address,
  namespace: 'default',
  logLevel: 'WARN',
  processes: 1,
  createSampler: (options) => countedSampler(createSampler(options), counts),
});
