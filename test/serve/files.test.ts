import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { Store } from '../../certification/storage/store.ts';
import { createBucket } from '../support/create-bucket.ts';
import { nightDate, putAudits } from '../support/put-audits.ts';
import { runLocally } from '../support/run-locally.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { startS3Proxy } from '../support/s3-proxy.ts';
import { startServe, type ServeCli } from '../support/serve-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** More than two pieces, and not a whole number of them. */
const LARGE = 9 * 1024 * 1024 + 17;

const s3 = inject('s3');
const local = temporaryFolder(afterAll);

beforeAll(async () => {
  await runLocally(stubRequest({ out: local, run: 'r1' }));
});

const FILES = [
  ['certificates.parquet', 'application/vnd.apache.parquet', 'attachment; filename="r1-certificates.parquet"'],
  ['certificates.tsv', 'text/tab-separated-values; charset=utf-8', 'attachment; filename="r1-certificates.tsv"'],
  ['shards/00000.jsonl', 'application/x-ndjson', 'attachment; filename="r1-shards-00000.jsonl"'],
  ['summary.json', 'application/json', 'inline; filename="r1-summary.json"'],
  ['curve.svg', 'image/svg+xml', 'inline; filename="r1-curve.svg"'],
  ['report.html', 'text/html; charset=utf-8', 'inline; filename="r1-report.html"'],
] as const;

async function expectFiles(server: ServeCli) {
  for (const [name, type, disposition] of FILES) {
    const answer = await server.get(`/runs/r1/files/${name}`);
    expect([name, answer.status]).toEqual([name, 200]);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('content-disposition')).toBe(disposition);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.equals(readFileSync(join(local, 'runs/r1', name)))).toBe(true);
    const head = await server.get(`/runs/r1/files/${name}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  }
}

it("sends a run's files from a folder as they are, large ones too", async () => {
  const server = await startServe({ out: local }, onTestFinished);
  await expectFiles(server);
  const large = Buffer.alloc(LARGE, 'many lines\n');
  writeFileSync(join(local, 'runs/r1/dataset.jsonl'), large);
  const answer = await server.get('/runs/r1/files/dataset.jsonl');
  expect(Buffer.from(await answer.arrayBuffer()).equals(large)).toBe(true);
  writeFileSync(join(local, 'runs/r1/signature.json'), '');
  expect(await server.text('/runs/r1/files/signature.json')).toBe('');
  // By its place in the store, as links between its pages have it.
  const linked = await server.get('/runs/r1/metrics.json');
  expect([linked.status, linked.headers.get('location')]).toEqual([302, '/runs/r1/files/metrics.json']);
});

describe('a store in a bucket', () => {
  const env = s3Environment(s3);
  let out: string;
  let store: Store;

  beforeAll(async () => {
    out = `s3://${await createBucket({ server: s3 })}/audits of/one`;
    const client = createS3Client({ endpoint: s3.endpoint, credentials: s3.root });
    store = openStore(out, { s3: client });
    const folder = openStore(local);
    for (const key of await folder.list('runs/r1/')) await store.putIfAbsent(key, await folder.get(key));
    await putAudits(store, {
      line: 'nightly',
      nights: [
        { outcome: 'passed', certified: [440, 420, 380] },
        { outcome: 'failed', certified: [402, 361, 298], reason: 'It fell.' },
      ],
    });
  });

  it('shows its audits, its runs and their files', async () => {
    const server = await startServe({ out, env }, onTestFinished);
    expect(await server.text('/')).toContain(out);
    expect(await server.json('/api/runs')).toMatchObject({ total: 1, runs: [{ run: 'r1', state: 'finished' }] });
    expect(await server.text('/audits/nightly')).toContain('class="chart broad"');
    expect(await server.json(`/audits/nightly/${nightDate(1)}/audit.json`)).toMatchObject({ outcome: 'failed' });
    await expectFiles(server);
  });

  it('says what the store said, where it refuses or fails', async () => {
    const absent = await startServe({ out: 's3://no-such-bucket-here/x', env }, onTestFinished);
    const refused = await absent.get('/runs');
    expect(refused.status).toBe(502);
    expect(await refused.text()).toContain('the bucket does not exist: create it, or correct its name.');

    let broken = false;
    const proxy = await startS3Proxy({
      server: s3,
      handle: (request, forward) =>
        broken ? Promise.resolve({ status: 503, headers: {}, body: Buffer.alloc(0) }) : forward(request),
    });
    onTestFinished(proxy.stop);
    const failing = await startServe({ out, env: { ...env, AWS_ENDPOINT_URL_S3: proxy.endpoint } }, onTestFinished);
    expect((await failing.get('/runs/r1')).status).toBe(200);
    broken = true;
    const page = await failing.get('/runs/r1');
    expect([page.status, page.headers.get('cache-control')]).toEqual([503, 'no-store']);
    expect(await page.text()).toContain('The store did not do GetObject');
    expect(await failing.json('/api/runs')).toEqual({
      error: expect.stringContaining('The store did not do') as string,
    });
    broken = false;
    expect((await failing.get('/runs/r1')).status).toBe(200);
  });
});
