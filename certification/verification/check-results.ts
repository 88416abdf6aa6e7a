import { makeResults, type Result } from '../make-results.ts';
import type { Row } from '../records/certificate.ts';
import type { Manifest } from '../records/manifest.ts';
import type { Plan } from '../records/plan.ts';
import { manifestGeneration, runFiles } from '../records/run-keys.ts';
import { failed, passed, type Check } from './check.ts';
import { shardFiles } from './shard-files.ts';

/**
 * Makes summary, tables, curve and page anew of the rows and compares them with the run's byte for byte; and whether the manifest names
 * what a run of this plan leaves, and nothing else.
 */
export async function checkResults({
  plan,
  rows,
  files,
  manifest,
}: {
  plan: Plan;
  rows: readonly Row[];
  files: ReadonlyMap<string, Uint8Array>;
  manifest: Manifest;
}): Promise<Check> {
  let results: Result[];
  try {
    ({ results } = await makeResults(plan, rows));
  } catch (error) {
    // Rows that were changed fit no table: each part of the report says so in its own way.
    return failed(
      'results',
      `nothing can be made of these rows: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const { generation = 1 } = manifest;
  const keys = manifest.objects.map(({ key }) => key);
  const named = shardFiles(manifest);
  const shards = Array.from(
    { length: plan.execution.shards },
    (_, shard) => named.get(shard)?.key ?? runFiles.shard(shard),
  );
  const tooLate = [...named.values()].find((file) => file.generation > generation);
  if (tooLate !== undefined) return failed('results', `${tooLate.key} is of a later generation than ${generation}`);
  const earlier = keys.filter((key) => (manifestGeneration(key) ?? generation) < generation);
  const index = plan.claim.dataset.digestOf === 'examples' ? [runFiles.datasetIndex] : [];
  const left = [
    runFiles.commitment,
    runFiles.plan,
    ...index,
    ...earlier,
    ...shards,
    ...results.map(({ name }) => runFiles.inGeneration(name, generation)),
    runFiles.inGeneration(runFiles.metrics, generation),
  ];
  const at = [...left.keys(), left.length].find((each) => keys[each] !== left[each]);
  if (at !== undefined) {
    return failed('results', `the manifest names ${keys[at] ?? 'nothing'} where a run has ${left[at] ?? 'nothing'}`);
  }
  const others = results.filter(({ name, bytes }) => {
    const found = files.get(runFiles.inGeneration(name, generation));
    return found === undefined || Buffer.compare(found, bytes) !== 0;
  });
  return others.length === 0
    ? passed('results', `${results.length} files, made anew of the rows: the same bytes`)
    : failed('results', `${others.map(({ name }) => name).join(', ')}: not what the rows make`);
}
