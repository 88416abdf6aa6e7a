import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeManifest } from '../../certification/make-manifest.ts';
import { makeResults } from '../../certification/make-results.ts';
import { recordBytes, sha256Hex } from '../../certification/records/canonical-json.ts';
import { rowLine, type Certificate, type Row } from '../../certification/records/certificate.ts';
import { claimDigest, seedlessDigest, type Claim } from '../../certification/records/claim.ts';
import type { Commitment } from '../../certification/records/commitment.ts';
import type { Manifest } from '../../certification/records/manifest.ts';
import { shardPositions, type Plan } from '../../certification/records/plan.ts';
import { requestDigest } from '../../certification/records/request.ts';
import { runFiles } from '../../certification/records/run-keys.ts';
import { thumbnailsOf } from '../../certification/read-thumbnails.ts';
import { reportDigest } from '../../certification/report-digest.ts';
import { loadDataset } from '../../certification/sources.ts';
import { signManifest } from '../../certification/signing/sign-manifest.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a forger changes. All that follows from it is made anew, as far as it can be. */
export interface Forgery {
  readonly plan?: (plan: Plan) => Plan;
  readonly rows?: (rows: Row[], plan: Plan) => Row[] | Promise<Row[]>;
  /** Files by name, put in place of what the rest makes of them, before the manifest is made; null takes one away. */
  readonly files?: Readonly<Record<string, ((bytes: Buffer) => Uint8Array) | null>>;
  /** The digest of the report's code; this version's where left out. */
  readonly report?: string;
  /** The manifest's objects, changed before its digest is made. */
  readonly objects?: (objects: Manifest['objects']) => Manifest['objects'];
  /** A key that signs the forgery, or the run's own signature left as it is; none where left out. */
  readonly signature?: 'kept' | { readonly privateKey: string };
}

/** The rows of a finished run. */
export function rowsOf(folder: string, plan: Plan): Row[] {
  return Array.from({ length: plan.execution.shards }, (_, shard) => readFileSync(join(folder, runFiles.shard(shard))))
    .flatMap((bytes) => bytes.toString().trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Row);
}

export function planOf(folder: string): Plan {
  return JSON.parse(readFileSync(join(folder, runFiles.plan), 'utf8')) as Plan;
}

/** A copy of a run's folder. */
export function copyRun(folder: string): string {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/**
 * A copy of a finished run with something changed and every digest made to fit again: the claim's, the commitment, the results by
 * `makeResults`, the manifest by `makeManifest`.
 *
 * @returns the copy's folder.
 */
export async function forgeRun(folder: string, forgery: Forgery): Promise<string> {
  const copy = copyRun(folder);
  const path = (name: string) => join(copy, name);
  const before = planOf(copy);
  const changed = forgery.plan?.(before) ?? before;
  const { claim, request } = changed;
  const plan: Plan = { ...changed, claimDigest: claimDigest(claim) };
  const commitment: Commitment = {
    version: 1,
    run: plan.run,
    request: requestDigest(request),
    model: claim.model.sha256,
    dataset: claim.dataset.sha256,
    code: claim.code,
    seedlessClaim: seedlessDigest(claim),
  };
  writeFileSync(path(runFiles.plan), recordBytes(plan));
  writeFileSync(path(runFiles.commitment), recordBytes(commitment));

  const rows = (await forgery.rows?.(rowsOf(copy, before), plan)) ?? rowsOf(copy, before);
  const shards = Array.from({ length: plan.execution.shards }, (_, shard) => runFiles.shard(shard));
  shards.forEach((key, shard) => {
    const { first, end } = shardPositions(plan, shard);
    writeFileSync(path(key), rows.slice(first, end).map(rowLine).join(''));
  });
  const names: string[] = [];
  for (const { name, bytes } of await resultsOf(plan, rows, before, rowsOf(folder, before))) {
    names.push(name);
    writeFileSync(path(name), bytes);
  }

  const index = claim.dataset.digestOf === 'examples' ? [runFiles.datasetIndex] : [];
  const keys = [runFiles.commitment, runFiles.plan, ...index, ...shards, ...names, runFiles.metrics];
  for (const [name, change] of Object.entries(forgery.files ?? {})) {
    if (change === null) rmSync(path(name));
    else writeFileSync(path(name), change(keys.includes(name) ? readFileSync(path(name)) : Buffer.alloc(0)));
  }
  const objects = keys
    .filter((key) => forgery.files?.[key] !== null)
    .map((key) => {
      const bytes = readFileSync(path(key));
      return { key, size: bytes.length, sha256: sha256Hex(bytes) };
    });
  const manifest = recordBytes(
    makeManifest(plan, forgery.objects?.(objects) ?? objects, { report: forgery.report ?? reportDigest() }),
  );
  writeFileSync(path(runFiles.manifest), manifest);
  const { signature } = forgery;
  if (signature === undefined) rmSync(path(runFiles.signature), { force: true });
  else if (signature !== 'kept') {
    writeFileSync(path(runFiles.signature), recordBytes(signManifest(manifest, signature.privateKey)));
  }
  return copy;
}

/** The results of forged rows; of rows that nothing can be made of, those of the true ones. */
async function resultsOf(plan: Plan, rows: readonly Row[], before: Plan, trueRows: readonly Row[]) {
  // Of what was read, whatever the forged claim says of it.
  const thumbnails = async (wanted: readonly number[]) =>
    thumbnailsOf({ claim: before.claim, dataset: await loadDataset(before.request), wanted });
  try {
    return (await makeResults(plan, rows, thumbnails)).results;
  } catch {
    return (await makeResults(before, trueRows, thumbnails)).results;
  }
}

/** A plan whose claim is changed in some fields. */
export const claiming =
  (change: (claim: Claim) => object) =>
  (plan: Plan): Plan => ({ ...plan, claim: { ...plan.claim, ...change(plan.claim) } });

/** One row changed in some fields and in nothing else. */
export const rowChange =
  (index: number, change: (row: Certificate) => object) =>
  (rows: Row[]): Row[] =>
    rows.map((row) => (row.index === index ? { ...row, ...change(row as Certificate) } : row));
