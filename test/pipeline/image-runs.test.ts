import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { runKeys } from '../../certification/records/run-keys.ts';
import { fileInputFolder } from '../../certification/storage/file-input-folder.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { createBucket } from '../support/create-bucket.ts';
import { damage, imageRequest } from '../support/image-request.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const server = inject('s3');
const as = ({ accessKeyId, secretAccessKey }: typeof server.root) => ({
  AWS_ENDPOINT_URL_S3: server.endpoint,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_REGION: 'us-east-1',
});

describe('a run over image files by workers', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    Object.assign(process.env, as(server.root));
    cluster = await startCluster();
    await cluster.startWorker({ role: 'control', env: as(server.root) });
    // May write shards alone: the index of the dataset is the control worker's to write.
    await cluster.startWorker({ role: 'sampler', env: as(server.sampler) });
  });

  it('gives the bytes of one process, from this machine and from a bucket, with a damaged image among them', async () => {
    const folder = temporaryFolder();
    const request = imageRequest(folder, { maxFailedShare: 0.2 });
    damage(join(folder, 'images/cat/420.jpg'));
    const { folder: run, summary } = await runLocally({ ...request, run: 'local' });
    expect(summary.failed).toBe(1);
    const local = resultBytes(run);

    const onDisk = await cluster.startRun({ ...request, run: 'disk', shardSize: 7 });
    const { url, failed } = await onDisk.handle.result();
    expect(failed).toBe(1);
    expect(resultBytes(fileURLToPath(url))).toEqual(local);

    const bucket = await createBucket({ server });
    const images = openStore(`s3://${bucket}/val`);
    for (const key of await fileInputFolder(join(folder, 'images')).list()) {
      await images.putIfAbsent(key, readFileSync(join(folder, 'images', key)));
    }
    const store = openStore(`s3://${bucket}/audits`);
    const inBucket = await cluster.startRun({
      ...request,
      dataset: `s3://${bucket}/val`,
      out: `s3://${bucket}/audits`,
      run: 'bucket',
    });
    await inBucket.handle.result();
    const get = async (name: string) => Buffer.from(await store.get(runKeys.result('bucket', name)));
    expect((await get('certificates.parquet')).toString('base64')).toBe(local.parquet);
    expect((await get('summary.json')).toString()).toBe(local.summary);
    // Not what it was read from, nor where its parts lie, but what it is.
    expect((await get('dataset.jsonl')).toString()).toBe(readFileSync(join(run, 'dataset.jsonl'), 'utf8'));
  });
});
