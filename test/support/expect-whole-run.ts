import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { readPlan } from '../../certification/plan-run.ts';
import type { Row } from '../../certification/records/certificate.ts';
import { claimedIndices } from '../../certification/records/claim.ts';
import { manifestSchema } from '../../certification/records/manifest.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { runFiles, runKeys } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { resultBytes, runLocally } from './run-locally.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Expects of a finished run that nothing that befell it is seen in it: its certificates and its summary are, byte for
 * byte, those of the same request carried out in this process; its shards hold every example of the claim exactly once;
 * and its folder holds what the manifest lists, whole, and nothing else.
 */
export async function expectWholeRun(request: RequestInput & { out: string }, run: string): Promise<void> {
  const store = openStore(request.out);
  const folder = `${runKeys.folder(run)}/`;
  const bytes = async (name: string) => Buffer.from(await store.get(folder + name));
  const json = async (name: string): Promise<unknown> => JSON.parse((await bytes(name)).toString());

  const local = await inOneProcess(request);
  expect((await bytes('summary.json')).toString()).toBe(local.summary);
  expect((await bytes('certificates.parquet')).toString('base64')).toBe(local.parquet);

  const plan = await readPlan(store, run);
  const { objects } = manifestSchema.parse(await json(runFiles.manifest));
  const shards = objects.map(({ key }) => key).filter((key) => key.startsWith(runFiles.shards));
  const rows: Row[] = [];
  for (const shard of shards) {
    for (const line of (await bytes(shard)).toString().trimEnd().split('\n')) rows.push(JSON.parse(line) as Row);
  }
  expect(rows.map(({ index }) => index)).toEqual(plan && claimedIndices(plan.claim));

  for (const { key, size, sha256 } of objects) {
    const found = await bytes(key);
    expect({ key, size: found.length, sha256: createHash('sha256').update(found).digest('hex') }).toEqual({
      key,
      size,
      sha256,
    });
  }
  const listed = [...objects.map(({ key }) => folder + key), runKeys.manifest(run)];
  expect((await store.list(folder)).sort()).toEqual(listed.sort());
}

const made = new Map<string, Promise<{ parquet: string; summary: string }>>();

/** What one process makes of a request, made once. A stub's pace is no part of its claim: it is drawn at once here. */
function inOneProcess(asked: RequestInput): Promise<{ parquet: string; summary: string }> {
  const request = { ...asked, run: undefined, out: undefined };
  const key = JSON.stringify(request);
  const known = made.get(key);
  if (known !== undefined) return known;
  const stub = request.stub && { ...request.stub, secondsPerSample: 0 };
  const results = runLocally({ ...request, ...(stub && { stub }), out: temporaryFolder() }).then((local) =>
    resultBytes(local.folder),
  );
  made.set(key, results);
  return results;
}
