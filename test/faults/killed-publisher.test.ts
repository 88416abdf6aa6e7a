import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { createBucket } from '../support/create-bucket.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { startS3Proxy, type Forward } from '../support/s3-proxy.ts';
import type { S3Request, S3Response } from '../support/send-signed.ts';
import { stubRequest } from '../support/stub-request.ts';

const server = inject('s3');

/** The objects of a publication whose write the control worker doesn't outlive, in the order that they are written. */
const deaths = [
  { object: 'certificates.parquet', written: false },
  { object: 'manifest.json', written: false },
  { object: 'manifest.json', written: true },
];

describe('a control worker killed while it publishes', () => {
  let cluster: Cluster;
  let endpoint: string;
  let control: GuardedProcess;
  let onWrite: (request: S3Request, forward: Forward) => Promise<S3Response | 'drop'>;

  beforeAll(async () => {
    Object.assign(process.env, s3Environment(server));
    const handle = (request: S3Request, forward: Forward) =>
      request.headers['if-none-match'] === '*' ? onWrite(request, forward) : forward(request);
    const proxy = await startS3Proxy({ server, handle });
    afterAll(proxy.stop);
    ({ endpoint } = proxy);
    cluster = await startCluster();
    await cluster.startWorker({ role: 'sampler', env: s3Environment(server) });
    control = await startControl();
  });

  const startControl = () => cluster.startWorker({ role: 'control', env: s3Environment({ ...server, endpoint }) });

  it.each(deaths)('at $object (written: $written) leaves the manifest whole, once', async ({ object, written }) => {
    const out = `s3://${await createBucket({ server })}/audits`;
    const manifests: number[] = [];
    let died = false;
    onWrite = async (request, forward) => {
      const [path] = request.path.split('?');
      if (!died && path.endsWith(object)) {
        died = true;
        if (written) await forward(request);
        await control.kill();
        control = await startControl();
        return 'drop';
      }
      const response = await forward(request);
      if (path.endsWith('manifest.json')) manifests.push(response.status);
      return response;
    };
    const request = stubRequest({ stub: { examples: 12 }, shardSize: 6, seed: 'publishing', out });
    const { run, handle } = await cluster.startRun(request);
    const { examples, failed } = await handle.result();
    expect({ died, examples, failed }).toEqual({ died: true, examples: 12, failed: 0 });
    await expectWholeRun(request, run);
    // Where it was there already, nobody writes it again.
    expect(manifests).toEqual(object === 'manifest.json' && written ? [] : [200]);
  });
});
