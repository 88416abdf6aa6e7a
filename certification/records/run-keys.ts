/** The folder of the shards, in the run's. */
const shards = 'shards/';
/** The folder of what is put down of shards that failed. */
const failed = 'failed/';
/** The folder of what is put down of examples that failed in shards that have rows. */
const failedExamples = 'failed-examples/';
/** The folder of the generations after the first. */
const generations = 'generations/';

const numbered = (shard: number) => String(shard).padStart(5, '0');

/**
 * A name as it is in a generation of a run's results: the first lies in the run's own folder, each later one in a folder
 * of its own, with all that isn't as it was.
 */
const inGeneration = (name: string, generation: number) =>
  generation === 1 ? name : `${generations}${generation}/${name}`;

/** Names of a run's objects in its own folder. */
export const runFiles = {
  commitment: 'commitment.json',
  plan: 'plan.json',
  datasetIndex: 'dataset.jsonl',
  shards,
  shard: (shard: number, generation = 1) => inGeneration(`${shards}${numbered(shard)}.jsonl`, generation),
  failedShards: failed,
  failedShard: (shard: number) => `${failed}${numbered(shard)}.json`,
  failedExamples,
  failedExamplesOf: (shard: number) => `${failedExamples}${numbered(shard)}.json`,
  generations,
  inGeneration,
  summary: 'summary.json',
  thumbnails: 'thumbnails.bin',
  page: 'report.html',
  metrics: 'metrics.json',
  manifest: 'manifest.json',
  signature: 'signature.json',
};

/** The folder of all runs. */
const runs = 'runs/';

const folder = (run: string) => `${runs}${run}`;

/** Keys of a run's objects in its store. */
export const runKeys = {
  runs,
  folder,
  commitment: (run: string) => `${folder(run)}/${runFiles.commitment}`,
  plan: (run: string) => `${folder(run)}/${runFiles.plan}`,
  datasetIndex: (run: string) => `${folder(run)}/${runFiles.datasetIndex}`,
  shard: (run: string, shard: number, generation = 1) => `${folder(run)}/${runFiles.shard(shard, generation)}`,
  failedShards: (run: string) => `${folder(run)}/${runFiles.failedShards}`,
  failedShard: (run: string, shard: number) => `${folder(run)}/${runFiles.failedShard(shard)}`,
  failedExamples: (run: string) => `${folder(run)}/${runFiles.failedExamples}`,
  failedExamplesOf: (run: string, shard: number) => `${folder(run)}/${runFiles.failedExamplesOf(shard)}`,
  generations: (run: string) => `${folder(run)}/${runFiles.generations}`,
  result: (run: string, name: string, generation = 1) => `${folder(run)}/${inGeneration(name, generation)}`,
  manifest: (run: string, generation = 1) => `${folder(run)}/${inGeneration(runFiles.manifest, generation)}`,
  signature: (run: string, generation = 1) => `${folder(run)}/${inGeneration(runFiles.signature, generation)}`,
};

/** What a name in a run's folder is in a later generation, or undefined where it is of none. */
export function parseGeneration(file: string): { generation: number; name: string } | undefined {
  const match = /^generations\/(?<generation>[1-9]\d{0,8})\/(?<name>.+)$/.exec(file)?.groups;
  if (match === undefined || match.generation === '1') return undefined;
  return { generation: Number(match.generation), name: match.name };
}

/** Which shard's rows a name in a run's folder is, in which generation; undefined where it is none's. */
export function parseShardFile(file: string): { shard: number; generation: number } | undefined {
  const { generation, name } = parseGeneration(file) ?? { generation: 1, name: file };
  const shard = /^shards\/(\d{5,9})\.jsonl$/.exec(name)?.[1];
  if (shard === undefined || runFiles.shard(Number(shard), generation) !== file) return undefined;
  return { shard: Number(shard), generation };
}

/** Of which generation's results a name in a run's folder is the manifest; undefined where it is none. */
export function manifestGeneration(key: string): number | undefined {
  if (key === runFiles.manifest) return 1;
  const of = parseGeneration(key);
  return of?.name === runFiles.manifest ? of.generation : undefined;
}
