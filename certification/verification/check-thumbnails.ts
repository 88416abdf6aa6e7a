import { randomInt } from 'node:crypto';
import { mapConcurrently } from '../map-concurrently.ts';
import { readThumbnail } from '../read-thumbnails.ts';
import type { Claim } from '../records/claim.ts';
import { runFiles } from '../records/run-keys.ts';
import { parseThumbnails, thumbnailShape, type Thumbnails } from '../report/thumbnails.ts';
import type { DigestedDataset } from '../sources.ts';
import { checkDecoder } from './check-inputs.ts';
import { failed, noted, passed, type Check } from './check.ts';

/** Pictures that are compared where each must be read and decoded for it: some seconds' work, and who changed a tenth of them is found out. */
const MOST_READ = 100;
/** Examples read at once. */
const READS = 8;

/**
 * Whether the pictures in a run's page are those of its examples. They prove nothing, but people look at them.
 *
 * @param bytes of the run's thumbnails; undefined where it has none.
 * @param dataset the claim's.
 * @returns undefined where there is nothing to compare.
 */
export async function checkThumbnails({
  claim,
  bytes,
  dataset,
}: {
  claim: Claim;
  bytes: Uint8Array | undefined;
  dataset: DigestedDataset;
}): Promise<Check | undefined> {
  const shape = thumbnailShape(claim);
  if (shape === undefined || bytes === undefined) return undefined;
  const kept = parseThumbnails(bytes, shape);
  if (kept === undefined) return noted('thumbnails', `${runFiles.thumbnails} is not as this version has it`);
  if (kept.indices.length === 0) return undefined;
  if (checkDecoder(claim, dataset).status !== 'passed') {
    return noted('thumbnails', 'not compared: image files become other pixels here');
  }
  const all = Array.from(kept.indices.keys());
  const chosen = dataset.digestOf === 'files' ? all : drawn(all, MOST_READ);
  const differing = await mapConcurrently(chosen, READS, async (at) =>
    (await isOf({ claim, dataset, kept, at })) ? [] : [kept.indices[at]],
  );
  const other = differing.flat().at(0);
  return other === undefined
    ? passed('thumbnails', `${chosen.length} of ${all.length}, made anew of the dataset: the same pixels`)
    : failed('thumbnails', `that of example ${other} is not what the dataset's makes`);
}

async function isOf({
  claim,
  dataset,
  kept,
  at,
}: {
  claim: Claim;
  dataset: DigestedDataset;
  kept: Thumbnails;
  at: number;
}): Promise<boolean> {
  const index = kept.indices[at];
  if (index >= dataset.examples) return false;
  const size = kept.width * kept.height * kept.channels;
  const own = await readThumbnail({ claim, dataset, index });
  return own !== undefined && Buffer.compare(own, kept.pixels.subarray(at * size, (at + 1) * size)) === 0;
}

/** Some of the items, drawn anew each time, so that nobody knows which ones are looked at. */
function drawn<Item>(items: readonly Item[], most: number): Item[] {
  const left = [...items];
  for (let at = 0; at < Math.min(most, left.length); at++) {
    const other = randomInt(at, left.length);
    [left[at], left[other]] = [left[other], left[at]];
  }
  return left.slice(0, most);
}
