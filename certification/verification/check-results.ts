import { makeResults, type Result, type ThumbnailSource } from '../make-results.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { canonicalJson } from '../records/canonical-json.ts';
import type { Row } from '../records/certificate.ts';
import type { Manifest } from '../records/manifest.ts';
import type { Plan } from '../records/plan.ts';
import { manifestGeneration, runFiles } from '../records/run-keys.ts';
import { encodeThumbnails, parseThumbnails, thumbnailShape } from '../report/thumbnails.ts';
import { reportDigest } from '../report-digest.ts';
import { failed, noted, passed, type Check } from './check.ts';
import { parseRecord } from './parse-record.ts';
import { shardFiles } from './shard-files.ts';

/**
 * Makes summary, tables, curve and page anew of the rows and compares them with the run's byte for byte; and whether the manifest names
 * what a run of this plan leaves, and nothing else. Of a run that was published by another version of the report only the summary's values
 * must be the same: then it is noted which other files are not.
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
  const { generation = 1 } = manifest;
  const found = (name: string) => files.get(runFiles.inGeneration(name, generation));
  const sameReport = manifest.digests.report === reportDigest();
  let results: Result[];
  try {
    const kept = keptThumbnails({ plan, rows, bytes: found(runFiles.thumbnails) });
    // Another version may have chosen other pictures.
    const thumbnailsOf: ThumbnailSource = (wanted) =>
      sameReport ? kept(wanted) : kept(wanted).catch(() => noThumbnails(plan));
    ({ results } = await makeResults(plan, rows, thumbnailsOf));
  } catch (error) {
    // Rows that were changed fit no table: each part of the report says so in its own way.
    return failed(
      'results',
      `nothing can be made of these rows: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
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
  // Older versions kept no thumbnails.
  const published = results.filter(
    ({ name }) => sameReport || name !== runFiles.thumbnails || keys.includes(runFiles.inGeneration(name, generation)),
  );
  const left = [
    runFiles.commitment,
    runFiles.plan,
    ...index,
    ...earlier,
    ...shards,
    ...published.map(({ name }) => runFiles.inGeneration(name, generation)),
    runFiles.inGeneration(runFiles.metrics, generation),
  ];
  const at = [...left.keys(), left.length].find((each) => keys[each] !== left[each]);
  if (at !== undefined) {
    return failed('results', `the manifest names ${keys[at] ?? 'nothing'} where a run has ${left[at] ?? 'nothing'}`);
  }
  const others = published.filter(({ name, bytes }) => Buffer.compare(found(name) ?? Buffer.alloc(0), bytes) !== 0);
  if (others.length === 0) {
    const same = `${published.length} files, made anew of the rows: the same bytes`;
    return sameReport
      ? passed('results', same)
      : noted('results', `${same}, though published by another version of the report`);
  }
  const wrong = sameReport
    ? others
    : others.filter((each) => each.name === runFiles.summary && !sameValues(each, found));
  const names = (some: readonly Result[]) => some.map(({ name }) => name).join(', ');
  if (wrong.length > 0) return failed('results', `${names(wrong)}: not what the rows make`);
  const unlike = others.filter(({ name }) => name !== runFiles.summary);
  return noted(
    'results',
    `${runFiles.summary} is what the rows make; published by another version of the report, so not compared: ${names(unlike)}`,
  );
}

function sameValues({ name, bytes }: Result, found: (name: string) => Uint8Array | undefined): boolean {
  const stated = found(name);
  const values = stated && parseRecord(stated);
  return values !== undefined && canonicalJson(values) === canonicalJson(parseRecord(bytes));
}

/** The run's own thumbnails, once it is seen that they are of the examples that a page shows. */
function keptThumbnails({
  plan: { claim },
  rows,
  bytes,
}: {
  plan: Plan;
  rows: readonly Row[];
  bytes: Uint8Array | undefined;
}): ThumbnailSource {
  const refuse = (why: string) => new PerimeterError('DeterminismViolation', `${runFiles.thumbnails} ${why}.`);
  return (wanted) => {
    const shape = thumbnailShape(claim);
    const kept = bytes && shape && parseThumbnails(bytes, shape);
    if (bytes === undefined || kept === undefined)
      return Promise.reject(refuse('holds no thumbnails, or is not there'));
    const failedOnes = new Set(rows.filter(({ status }) => status === 'failed').map(({ index }) => index));
    let at = 0;
    for (const index of wanted) {
      if (kept.indices[at] === index) at += 1;
      // One that can't be read has none; all of those have failed.
      else if (!failedOnes.has(index)) return Promise.reject(refuse(`lacks example ${index} where the page shows it`));
    }
    if (at < kept.indices.length) {
      return Promise.reject(refuse(`has example ${kept.indices[at]} where the page doesn't show it`));
    }
    return Promise.resolve(bytes);
  };
}

function noThumbnails({ claim }: Plan): Uint8Array {
  const shape = thumbnailShape(claim) ?? { width: 1, height: 1, channels: 1 };
  return encodeThumbnails({ ...shape, indices: [], pixels: new Uint8Array() });
}
