/** Keys of a run's objects in its store. */
export const runKeys = {
  folder: (run: string) => `runs/${run}`,
  plan: (run: string) => `runs/${run}/plan.json`,
  shard: (run: string, shard: number) => `runs/${run}/shards/${String(shard).padStart(5, '0')}.jsonl`,
  result: (run: string, name: string) => `runs/${run}/${name}`,
  manifest: (run: string) => `runs/${run}/manifest.json`,
};
