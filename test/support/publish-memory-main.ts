/**
 * Publishes a synthetic run of as many rows as the first argument says, into the folder of the second, and prints the most
 * memory that was in use while it did, after garbage collection. Run with --expose-gc.
 */
import { publishRun } from '../../certification/publish-run.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { sampleClaim, sampleCertificates } from '../report/sample-certificates.ts';
import { metrics, putSyntheticRun, syntheticPlan } from './synthetic-run.ts';

const [examples, folder] = [Number(process.argv[2]), process.argv[3]];
const SHARD_SIZE = 250;
/** Divides the shards of a row group unevenly, so that groups of every fill are seen. */
const SHARDS_A_LOOK = 7;

const base = sampleCertificates(sampleClaim({ examples: 500 }));
const plan = syntheticPlan(sampleClaim({ examples }), SHARD_SIZE);
const store = openStore(folder);
await putSyntheticRun({ store, plan, rowAt: (position) => base[position % base.length] });

let most = 0;
let reads = 0;
const look = () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  most = Math.max(most, heapUsed + external);
};
const watched: typeof store = {
  ...store,
  get: async (key) => {
    const bytes = await store.get(key);
    reads += 1;
    if (reads % SHARDS_A_LOOK === 0) look();
    return bytes;
  },
};
const started = performance.now();
await publishRun({ store: watched, plan, maxFailedShare: 0, metrics });
const seconds = (performance.now() - started) / 1_000;
look();
console.log(JSON.stringify({ most, reads, seconds, collected: globalThis.gc !== undefined }));
