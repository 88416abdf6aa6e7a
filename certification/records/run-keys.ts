/** The folder of the shards, in the run's. */
const shards = 'shards/';
/** The folder of what is put down of shards that failed. */
const failed = 'failed/';

/** Names of a run's objects in its own folder. */
export const runFiles = {
  commitment: 'commitment.json',
  plan: 'plan.json',
  datasetIndex: 'dataset.jsonl',
  shards,
  shard: (shard: number) => `${shards}${String(shard).padStart(5, '0')}.jsonl`,
  failedShards: failed,
  failedShard: (shard: number) => `${failed}${String(shard).padStart(5, '0')}.json`,
  metrics: 'metrics.json',
  manifest: 'manifest.json',
  signature: 'signature.json',
};

const folder = (run: string) => `runs/${run}`;

/** Keys of a run's objects in its store. */
export const runKeys = {
  folder,
  commitment: (run: string) => `${folder(run)}/${runFiles.commitment}`,
  plan: (run: string) => `${folder(run)}/${runFiles.plan}`,
  datasetIndex: (run: string) => `${folder(run)}/${runFiles.datasetIndex}`,
  shard: (run: string, shard: number) => `${folder(run)}/${runFiles.shard(shard)}`,
  failedShards: (run: string) => `${folder(run)}/${runFiles.failedShards}`,
  failedShard: (run: string, shard: number) => `${folder(run)}/${runFiles.failedShard(shard)}`,
  result: (run: string, name: string) => `${folder(run)}/${name}`,
  manifest: (run: string) => `${folder(run)}/${runFiles.manifest}`,
  signature: (run: string) => `${folder(run)}/${runFiles.signature}`,
};
