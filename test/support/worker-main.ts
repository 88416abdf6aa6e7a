/**
 * A worker of the tests: the product's own; where `poison` is an example, one that dies when it draws it, where
 * `unreadable` is a number n from 2, one that can't read every n-th example, and where `counts` is a file, one that
 * counts its samples there.
 */
import { countedSampler } from '../../bench/counted-sampler.ts';
import { createSampler, type Sampler, type SamplerOptions } from '../../certification/sampler.ts';
import { runWorkers } from '../../workers/run-workers.ts';
import type { WorkerSettings } from './cluster.ts';
import { poisoned, unreading } from './failing-sampler.ts';
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

function createTestSampler(options: SamplerOptions): Sampler {
  const sampler = createSampler(options);
  if (poison !== undefined) {
    return poisoned(
      sampler,
      (example) => example === poison,
      () => process.kill(process.pid, 'SIGKILL'),
    );
  }
  if (unreadable !== undefined) return unreading(sampler, (example) => example % unreadable === 1, UNREADABLE);
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
