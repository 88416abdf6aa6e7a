import { indexDigest, parseIndex, type DatasetIndex } from '../datasets/dataset-index.ts';
import { PerimeterError } from '../perimeter-error.ts';
import type { Row } from '../records/certificate.ts';
import { claimedIndex, type Claim } from '../records/claim.ts';
import { runFiles } from '../records/run-keys.ts';
import { failed, passed, type Check } from './check.ts';

/**
 * Whether the index that a run left is of the examples that its claim names, and each row has the label that stands there: what can be
 * told of a dataset that isn't here.
 *
 * @param bytes of the index.
 */
export function checkIndex({
  claim,
  bytes,
  rows,
}: {
  claim: Claim;
  bytes: Uint8Array | undefined;
  rows: readonly Row[] | undefined;
}): Check {
  const refuse = (why: string) => failed('index', `${runFiles.datasetIndex} ${why}`);
  if (bytes === undefined) return refuse("can't be read");
  let index: DatasetIndex;
  try {
    index = parseIndex(bytes, runFiles.datasetIndex);
  } catch (error) {
    if (error instanceof PerimeterError) return failed('index', error.message);
    throw error;
  }
  const { entries, header } = index;
  const { sha256, count, examples } = claim.dataset;
  if (indexDigest(index) !== sha256) return refuse("isn't of the examples that the claim names");
  if (entries.length !== count || header.examples !== examples) {
    return refuse(`has ${entries.length} of ${header.examples} examples, and the claim ${count} of ${examples}`);
  }
  for (const [position, [at, label]] of entries.entries()) {
    const wanted = claimedIndex(claim, position);
    if (at !== wanted) return refuse(`has example ${at} where the claim has ${wanted}`);
    const row = rows?.[position];
    if (row !== undefined && row.label !== label) {
      return refuse(`gives example ${at} the label ${label}, and its row has ${row.label}`);
    }
  }
  return passed('index', `${count} examples, the claim's; each row has its label`);
}
