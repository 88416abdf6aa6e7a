import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { readAuditIndex } from '../../certification/audits/audit-index.ts';
import { collectGarbage } from '../../certification/retention/collect-garbage.ts';
import { fileInputFolder } from '../../certification/storage/file-input-folder.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { GuardedProcess } from '../../cli/dev/spawn-guarded.ts';
import { startCluster, type Cluster } from '../../test/support/cluster.ts';
import { imageRequest } from '../../test/support/image-request.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { resultBytes, runLocally } from '../../test/support/run-locally.ts';
import { s3Environment } from '../../test/support/s3-environment.ts';
import { startS3Server, type S3Server } from '../../test/support/s3-server.ts';
import { startServe } from '../../test/support/serve-cli.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { until } from '../../test/support/until.ts';
import { deploy, type Account } from './support/account.ts';
import { needlessPermissions } from './support/needless-permissions.ts';
import { startPolicyGateway, type PolicyGateway } from './support/policy-gateway.ts';
import { allIdentities, synthesize } from './support/synthesize.ts';

const LINE = 'images';
/** The S3 server may have to be built first. */
const SET_UP_MS = 600_000;
const A_YEAR_MS = 365 * 24 * 3_600_000;

describe('everything that Perimeter does in an account, each part as the identity that the templates give it', () => {
  const folder = temporaryFolder(afterAll);
  let account: Account;
  let server: S3Server;
  let gateway: PolicyGateway;
  let cluster: Cluster;
  let out: string;
  let inputs: string;

  const credentials = (identity: string) => ({ accessKeyId: identity, secretAccessKey: 'not looked at' });
  const as = (identity: string) => s3Environment({ ...server, endpoint: gateway.endpoint }, credentials(identity));
  const clientOf = (identity: string) => {
    const client = createS3Client({ endpoint: gateway.endpoint, credentials: credentials(identity), pathStyle: true });
    onTestFinished(() => {
      client.destroy();
    });
    return client;
  };
  const perimeter = async (identity: string, ...args: string[]) => {
    const result = await runCli(args, { env: { ...as(identity), TEMPORAL_ADDRESS: cluster.address } });
    expect({ args, code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({
      args,
      code: 0,
      stderr: '',
    });
    return result.stdout;
  };

  beforeAll(async () => {
    account = deploy(synthesize(allIdentities).templates);
    server = await startS3Server();
    const root = createS3Client({ endpoint: server.endpoint, credentials: server.root, pathStyle: true });
    for (const { name } of [account.results, account.inputs])
      await root.send(new CreateBucketCommand({ Bucket: name }));
    root.destroy();
    gateway = await startPolicyGateway(server, account);
    out = `s3://${account.results.name}`;
    inputs = `s3://${account.inputs.name}`;
    cluster = await startCluster();
    await cluster.startWorker({ role: 'control', env: as('Control') });
    return async () => {
      await gateway.stop();
      await server.stop();
    };
  }, SET_UP_MS);

  /** Uploads the request's model and images, as somebody would with the command line of AWS. */
  async function upload() {
    const request = imageRequest(folder);
    const admin = clientOf('Admin');
    const put = (Key: string, file: string) =>
      admin.send(new PutObjectCommand({ Bucket: account.inputs.name, Key, Body: readFileSync(file) }));
    await put('models/images/v1/model.onnx', request.model);
    const images = join(folder, 'images');
    for (const key of await fileInputFolder(images).list()) await put(`datasets/images/${key}`, join(images, key));
    return { ...request, model: `${inputs}/models/images/v1/model.onnx`, dataset: `${inputs}/datasets/images`, out };
  }

  it('is allowed to it, and to nothing more than that takes', async () => {
    const request = await upload();
    const local = await runLocally({ ...imageRequest(folder), run: 'local', out: temporaryFolder() });
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify({ ...request, run: undefined }));
    const certify = (...args: string[]) => perimeter('Reviewer', 'certify', file, '--out', out, ...args);

    // A run in which examples fail, which are drawn again.
    let sampler: GuardedProcess = await cluster.startWorker({ role: 'sampler', env: as('Sampler'), unreadable: 10 });
    const first = await runCli(['certify', file, '--run', 'first', '--out', out, '--max-failed-share', '0.9'], {
      env: { ...as('Reviewer'), TEMPORAL_ADDRESS: cluster.address },
    });
    expect(first, first.stderr).toMatchObject({ code: 3 });
    expect(await perimeter('Reviewer', 'status', 'first')).toContain('no image');
    await sampler.kill();
    sampler = await cluster.startWorker({ role: 'sampler', env: as('Sampler') });
    expect(await perimeter('Reviewer', 'retry', 'first')).toContain('generations/2');

    // One that is whole, is asked for again, verified and signed.
    await certify('--run', 'second');
    await certify('--run', 'second');
    const result = openStore(`${out}/runs/second`, { s3: clientOf('Reviewer') });
    expect(Buffer.from(await result.get('summary.json')).toString()).toBe(resultBytes(local.folder).summary);
    const key = join(folder, 'lab.key');
    await runCli(['keys', 'new', key]);
    await perimeter('Signer', 'sign', 'second', '--out', out, '--key', key);
    const verified = await perimeter(
      'Reviewer',
      'verify',
      'second',
      '--out',
      out,
      '--public-key',
      `${key}.pub`,
      '--replay',
      '20%',
    );
    expect(verified).toContain(' 0 failed.');

    // Tables that are large are uploaded in parts, and given up where they are there already.
    const control = openStore(`${out}/runs/large`, { s3: clientOf('Control') });
    for (const outcome of ['created', 'same']) {
      const writer = await control.writeIfAbsent('certificates.parquet', { partBytes: 5 * 2 ** 20 });
      await writer.write(new Uint8Array(6 * 2 ** 20));
      expect((await writer.finish()).outcome).toBe(outcome);
    }

    // Two nights of an audit: the second finds the same model and data.
    const line = {
      schedule: { cron: '0 2 * * *' },
      model: { newest: `${inputs}/models/images/` },
      request: { dataset: request.dataset, resize: 16, crop: 12, sigma: 0.25, n0: 20, n: 300, seed: 'nights' },
      gates: { failedShare: { atMost: 0 } },
    };
    const audits = join(folder, 'audit.yaml');
    writeFileSync(audits, stringify({ out, lines: { [LINE]: line } }));
    await perimeter('Reviewer', 'schedule', 'create', audits);
    const records = openStore(out, { s3: clientOf('Reviewer') });
    for (const day of ['2026-03-01', '2026-03-02']) {
      await perimeter('Reviewer', 'schedule', 'backfill', LINE, '--from', `${day}T02:00Z`, '--to', `${day}T02:00Z`);
      const index = await until(
        () => readAuditIndex(records, LINE),
        ({ audits: found }) => found.some(({ date }) => date.startsWith(day)),
      );
      expect(index.audits.at(-1)).toMatchObject({ outcome: 'passed' });
    }

    const serve = await startServe({ out, env: as('Serve') }, onTestFinished);
    for (const path of ['/', '/runs', `/audits/${LINE}`, '/runs/second', '/runs/second/files/report.html']) {
      expect({ path, status: (await serve.get(path)).status }).toEqual({ path, status: 200 });
    }

    const fates = await collectGarbage({
      store: openStore(out, { s3: clientOf('Gc') }),
      now: new Date(Date.now() + A_YEAR_MS),
      keepMs: 1,
      remove: true,
    });
    expect(Object.fromEntries(fates.map(({ run, fate }) => [run, fate]))).toEqual({
      large: 'stays',
      second: 'stays',
      [`${LINE}-2026-03-01T020000Z`]: 'stays',
      first: 'deleted',
    });

    // The start-up check tidies up where it may; here a lifecycle rule does.
    const refused = gateway.asked.filter((each) => each.refused !== undefined);
    expect(
      new Set(refused.map(({ identity, operation: { action, key } }) => `${identity} ${action} ${key?.split('/')[0]}`)),
    ).toEqual(new Set(['Control s3:DeleteObject .perimeter-check']));
    // A reviewer looks at older versions by the command line of AWS.
    const versions = [
      `s3:ListBucketVersions on ${account.results.arn}`,
      `s3:GetObjectVersion on ${account.results.arn}/*`,
    ];
    expect(needlessPermissions(account, gateway.asked)).toEqual([
      'Admin: * on *',
      ...versions.map((each) => `Reviewer: ${each}`),
    ]);
  }, 300_000);
});
