import { makeResults, type Result } from '../make-results.ts';
import type { Row } from '../records/certificate.ts';
import type { Plan } from '../records/plan.ts';
import { runFiles } from '../records/run-keys.ts';
import { failed, passed, type Check } from './check.ts';

/**
 * Makes summary, tables, curve and page anew of the rows and compares them with the run's byte for byte; and whether the manifest names
 * what a run of this plan leaves, and nothing else.
 *
 * @param keys the manifest's, in its order.
 */
export async function checkResults({
  plan,
  rows,
  files,
  keys,
}: {
  plan: Plan;
  rows: readonly Row[];
  files: ReadonlyMap<string, Uint8Array>;
  keys: readonly string[];
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
  const shards = Array.from({ length: plan.execution.shards }, (_, shard) => runFiles.shard(shard));
  const index = plan.claim.dataset.digestOf === 'examples' ? [runFiles.datasetIndex] : [];
  const left = [
    runFiles.commitment,
    runFiles.plan,
    ...index,
    ...shards,
    ...results.map(({ name }) => name),
    runFiles.metrics,
  ];
  const at = [...left.keys(), left.length].find((each) => keys[each] !== left[each]);
  if (at !== undefined) {
    return failed('results', `the manifest names ${keys[at] ?? 'nothing'} where a run has ${left[at] ?? 'nothing'}`);
  }
  const others = results.filter(({ name, bytes }) => {
    const found = files.get(name);
    return found === undefined || Buffer.compare(found, bytes) !== 0;
  });
  return others.length === 0
    ? passed('results', `${results.length} files, made anew of the rows: the same bytes`)
    : failed('results', `${others.map(({ name }) => name).join(', ')}: not what the rows make`);
}
