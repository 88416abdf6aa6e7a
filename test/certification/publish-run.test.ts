import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { describe, expect, inject, it } from 'vitest';
import { makeResults } from '../../certification/make-results.ts';
import { publishRun } from '../../certification/publish-run.ts';
import { recordFailedShard } from '../../certification/failed-shards.ts';
import { failedRowsOf, readRows } from '../../certification/read-rows.ts';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import type { Row } from '../../certification/records/certificate.ts';
import type { Claim } from '../../certification/records/claim.ts';
import type { Manifest } from '../../certification/records/manifest.ts';
import type { Plan } from '../../certification/records/plan.ts';
import { loadDataset } from '../../certification/sources.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { Store } from '../../certification/storage/store.ts';
import {
  failedCertificate,
  sampleCertificates,
  sampleClaim,
  samplePredictionClaim,
  samplePredictions,
  sampleSequentialCertificates,
  sampleSequentialClaim,
} from '../report/sample-certificates.ts';
import { createBucket } from '../support/create-bucket.ts';
import { smallInputs, smallRun } from '../support/small-runs.ts';
import { metrics, putSyntheticRun, syntheticPlan } from '../support/synthetic-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const fixed = sampleCertificates(sampleClaim({ examples: 500 }));
const fixedAt = (position: number) => fixed[position % fixed.length];
const decided = sampleSequentialCertificates(sampleSequentialClaim({ examples: 200 }));
const predicted = samplePredictions();

const noImages = () => Promise.reject(new Error('Feature vectors have no thumbnails.'));

const publish = async (store: Store, plan: Plan, more: Partial<Parameters<typeof publishRun>[0]> = {}) =>
  (await publishRun({ store, plan, maxFailedShare: 0, metrics, ...more })).summary;

/** Every file below a folder, a store's temporary ones too. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

describe('the results of a run', () => {
  it.each<[string, Claim, (position: number) => Row]>([
    ['fixed', sampleClaim({ examples: 20_500 }), fixedAt],
    ['sequential', sampleSequentialClaim({ examples: 10_400 }), (position) => decided[position % decided.length]],
    ['predict', samplePredictionClaim(300), (position) => predicted[position % predicted.length]],
  ])('are the same bytes in every layout of shards, and those of all rows at once: %s', async (_, claim, rowAt) => {
    for (const shardSize of [193, 10_000, claim.dataset.count]) {
      const plan = syntheticPlan(claim, shardSize);
      const folder = temporaryFolder();
      const store = openStore(folder);
      await putSyntheticRun({ store, plan, rowAt });
      const summary = await publish(store, plan, { maxFailedShare: 1 });

      const whole = await makeResults(plan, await readRows({ store, plan, failedShards: [] }), noImages);
      expect(summary).toEqual(whole.summary);
      const run = join(folder, 'runs', 'synthetic');
      for (const { name, bytes } of whole.results) {
        expect(Buffer.compare(readFileSync(join(run, name)), bytes), `${name}, shards of ${shardSize}`).toBe(0);
      }
      const { objects } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as Manifest;
      const shards = Array.from({ length: plan.execution.shards }, (_each, shard) => String(shard).padStart(5, '0'));
      expect(objects.map(({ key }) => key)).toEqual([
        'commitment.json',
        'plan.json',
        ...shards.map((shard) => `shards/${shard}.jsonl`),
        ...whole.results.map(({ name }) => name),
        'metrics.json',
      ]);
      for (const { key, size, sha256 } of objects) {
        const bytes = readFileSync(join(run, key));
        expect({ key, size, sha256 }).toEqual({ key, size: bytes.length, sha256: sha256Hex(bytes) });
      }
      expect(filesIn(run)).toHaveLength(objects.length + 1);
    }
  });
});

describe('publishing a run', () => {
  const claim = sampleClaim({ examples: 1_000 });
  const plan = syntheticPlan(claim, 20);

  async function fresh(rowAt: (position: number) => Row = fixedAt) {
    const folder = temporaryFolder();
    const store = openStore(folder);
    await putSyntheticRun({ store, plan, rowAt });
    return { folder, store };
  }

  it('reads every shard once, several at a time', async () => {
    const { store } = await fresh();
    const reads: string[] = [];
    let underWay = 0;
    let most = 0;
    const watched: Store = {
      ...store,
      get: async (key) => {
        if (key.includes('shards/')) reads.push(key);
        most = Math.max(most, (underWay += 1));
        await new Promise(setImmediate);
        const bytes = await store.get(key);
        underWay -= 1;
        return bytes;
      },
    };
    await publish(watched, plan);
    expect(reads).toHaveLength(50);
    expect(new Set(reads).size).toBe(50);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });

  it('again changes nothing, and goes on where an attempt ended before the manifest', async () => {
    const { folder, store } = await fresh();
    const summary = await publish(store, plan);
    const manifest = readFileSync(join(folder, 'runs/synthetic/manifest.json'));
    expect(await publish(store, plan)).toEqual(summary);
    for (const name of ['manifest.json', 'certificates.tsv', 'report.html']) {
      await store.remove(`runs/synthetic/${name}`);
    }
    await publish(store, plan, { metrics: { ...metrics, samplesDrawn: 2 } });
    expect(readFileSync(join(folder, 'runs/synthetic/manifest.json'))).toEqual(manifest);
  });

  it('is refused where the store holds another table, and then leaves no manifest and nothing half-written', async () => {
    const { folder, store } = await fresh();
    await store.putIfAbsent('runs/synthetic/certificates.tsv', Buffer.from('other'));
    await expect(publish(store, plan)).rejects.toMatchObject({ code: 'DeterminismViolation' });
    expect(await store.has('runs/synthetic/manifest.json')).toBe(false);
    expect(filesIn(folder).filter((file) => file.includes('perimeter-tmp'))).toEqual([]);
  });

  it('stops at a shard that isn’t of its examples, with nothing written', async () => {
    const { folder, store } = await fresh();
    await store.remove('runs/synthetic/shards/00030.jsonl');
    await store.putIfAbsent('runs/synthetic/shards/00030.jsonl', Buffer.from('{}\n'));
    const before = filesIn(folder);
    await expect(publish(store, plan)).rejects.toMatchObject({ code: 'DeterminismViolation' });
    expect(filesIn(folder)).toEqual(before);
  });
});

describe('a run of which too many examples failed', () => {
  const plan = syntheticPlan(sampleClaim({ examples: 1_000 }), 20);
  // The last of all, so that everything else was read before.
  const rowAt = (position: number) => (position < 980 ? fixedAt(position) : failedCertificate(fixedAt(position)));

  it('leaves nothing that wasn’t there before', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    await putSyntheticRun({ store, plan, rowAt });
    const before = filesIn(folder);
    await expect(publish(store, plan, { maxFailedShare: 0.0199 })).rejects.toMatchObject({
      code: 'TooManyFailures',
      message:
        '20 of 1000 examples of run synthetic failed, more than the share of 0.0199 that the request allows; ' +
        'the first is example 19600: the model process ended 3 times.',
    });
    expect(filesIn(folder)).toEqual(before);
    expect(await publish(store, plan, { maxFailedShare: 0.02 })).toMatchObject({ failed: 20 });
  });

  it('leaves nothing in a bucket, no upload either', async () => {
    const server = inject('s3');
    const s3 = createS3Client({ endpoint: server.endpoint, credentials: server.root });
    const bucket = await createBucket({ server });
    const store = openStore(`s3://${bucket}/out`, { s3 });
    await putSyntheticRun({ store, plan, rowAt });
    const uploads = async () =>
      (await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0;
    let begun = 0;
    // Parts so small that uploads are under way when the last shard is read.
    const inParts: Store = {
      ...store,
      get: async (key) => {
        if (key.endsWith('00049.jsonl')) begun = await uploads();
        return store.get(key);
      },
      writeIfAbsent: (key, options) => store.writeIfAbsent(key, { ...options, partBytes: 2_000 }),
    };
    const before = await store.list('');
    await expect(publish(inParts, plan, { maxFailedShare: 0 })).rejects.toMatchObject({ code: 'TooManyFailures' });
    expect(begun).toBeGreaterThan(0);
    expect(await uploads()).toBe(0);
    expect(await store.list('')).toEqual(before);
    await publish(store, plan, { maxFailedShare: 1 });
    expect(await store.has('runs/synthetic/manifest.json')).toBe(true);
  });
});

describe('the rows of a shard that failed', () => {
  it('are put with the shard’s reason, once it is known that not too many failed', async () => {
    const folder = temporaryFolder();
    const inputs = smallInputs(temporaryFolder());
    const claim = sampleClaim({ examples: 24 });
    const { sha256 } = await loadDataset(syntheticPlan(claim, 6, inputs).request);
    const own = { ...claim, dataset: { ...claim.dataset, sha256: sha256 ?? '', stride: 1, examples: 24 } };
    const plan = syntheticPlan(own, 6, inputs);
    const store = openStore(folder);
    await putSyntheticRun({ store, plan, rowAt: fixedAt, missing: [2] });
    const failedShard = { shard: 2, reason: 'its labels are no numbers' };
    await recordFailedShard(store, plan.run, failedShard);
    const before = filesIn(folder);
    await expect(publish(store, plan, { maxFailedShare: 0.2 })).rejects.toMatchObject({
      code: 'TooManyFailures',
    });
    expect(filesIn(folder)).toEqual(before);
    expect(await publish(store, plan, { maxFailedShare: 0.25 })).toMatchObject({ failed: 6 });
    const rows = await readRows({ store, plan, failedShards: [] });
    expect(rows.slice(12, 18)).toEqual(await failedRowsOf(store, plan)(failedShard));
    expect(rows[12]).toMatchObject({ index: 12, label: 0, status: 'failed', reason: 'its labels are no numbers' });
  });
});

describe('a run whose dataset isn’t at hand when it is published', () => {
  it('waits for it, and then has the same bytes', async () => {
    const { folder, plan } = await smallRun('fixed', temporaryFolder());
    const store = openStore(plan.request.out);
    const names = ['thumbnails.bin', 'report.html', 'summary.json', 'manifest.json', 'certificates.parquet'];
    const bytes = names.map((name) => readFileSync(join(folder, name)));
    for (const name of names) rmSync(join(folder, name));
    const { dataset } = plan.request;
    renameSync(dataset, `${dataset}.away`);
    await expect(publish(store, plan)).rejects.toMatchObject({
      code: 'InputUnavailable',
      message: expect.stringMatching(/^The images of run small can't be read for its page: .*images/) as string,
    });
    expect(filesIn(folder).filter((file) => /perimeter-tmp|manifest|report|thumbnails/.test(file))).toEqual([]);
    renameSync(`${dataset}.away`, dataset);
    await publish(store, plan);
    expect(names.map((name) => readFileSync(join(folder, name)))).toEqual(bytes);
  });

  it('keeps the pictures that an earlier attempt made', async () => {
    const { folder, plan } = await smallRun('fixed', temporaryFolder());
    const store = openStore(plan.request.out);
    for (const name of ['report.html', 'manifest.json']) rmSync(join(folder, name));
    const pictures = readFileSync(join(folder, 'thumbnails.bin'));
    // As another machine's decoder might have made it.
    pictures[pictures.length - 1] ^= 1;
    writeFileSync(join(folder, 'thumbnails.bin'), pictures);
    await publish(store, plan, { loadDataset: () => Promise.reject(new Error('It is not read again.')) });
    expect(readFileSync(join(folder, 'thumbnails.bin'))).toEqual(pictures);
    const { objects } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    expect(objects.find(({ key }) => key === 'thumbnails.bin')?.sha256).toBe(sha256Hex(pictures));
  });
});

describe('the memory of publishing', () => {
  const main = fileURLToPath(new URL('../support/publish-memory-main.ts', import.meta.url));
  const publishing = async (examples: number) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--import',
      'tsx',
      main,
      String(examples),
      temporaryFolder(),
    ]);
    return JSON.parse(stdout) as { most: number; reads: number; seconds: number; collected: boolean };
  };

  it('is for 200,000 rows what it is for 20,000, but for some fifty bytes a row', async () => {
    const few = await publishing(20_000);
    const many = await publishing(200_000);
    expect(few).toMatchObject({ collected: true, reads: 80 });
    expect(many).toMatchObject({ collected: true, reads: 800 });
    expect(many.most - 50 * 180_000).toBeLessThan(1.2 * few.most);
  });
});
