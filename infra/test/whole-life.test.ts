import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { readAuditIndex } from '../../certification/audits/audit-index.ts';
import { collectGarbage } from '../../certification/retention/collect-garbage.ts';
import { fileInputFolder } from '../../certification/storage/file-input-folder.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import { startCluster, type Cluster } from '../../test/support/cluster.ts';
import { imageRequest } from '../../test/support/image-request.ts';
import { runCli } from '../../test/support/run-cli.ts';
import { resultBytes, runLocally } from '../../test/support/run-locally.ts';
import { s3Environment } from '../../test/support/s3-environment.ts';
import { startServe } from '../../test/support/serve-cli.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { until } from '../../test/support/until.ts';
import { deploy, type Account } from './support/account.ts';
import { needlessPermissions } from './support/needless-permissions.ts';
import { startPolicyGateway, type PolicyGateway } from './support/policy-gateway.ts';
import { allIdentities, synthesize } from './support/synthesize.ts';

const LINE = 'images';
const A_YEAR_MS = 365 * 24 * 3_600_000;

/** An account whose buckets no other run of the test has. */
function withOwnBuckets(account: Account): Account {
  const renamed = [account.results, account.inputs].reduce(
    (text, { name }) => text.replaceAll(name, `test-${crypto.randomUUID()}`),
    JSON.stringify(account),
  );
  return JSON.parse(renamed) as Account;
}

describe('in an account, each part of Perimeter as the identity that the templates give it does all it has to:', () => {
  const folder = temporaryFolder(afterAll);
  const server = inject('s3');
  let account: Account;
  let gateway: PolicyGateway;
  let cluster: Cluster;
  let out: string;
  let inputs: string;
  let request: Awaited<ReturnType<typeof upload>>;

  const credentials = (identity: string) => ({ accessKeyId: identity, secretAccessKey: 'not looked at' });
  const as = (identity: string) => s3Environment({ ...server, endpoint: gateway.endpoint }, credentials(identity));
  const clientOf = (identity: string) =>
    createS3Client({ endpoint: gateway.endpoint, credentials: credentials(identity), pathStyle: true });
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
    account = withOwnBuckets(deploy(synthesize(allIdentities).templates));
    const root = createS3Client({ endpoint: server.endpoint, credentials: server.root, pathStyle: true });
    for (const { name } of [account.results, account.inputs])
      await root.send(new CreateBucketCommand({ Bucket: name }));
    root.destroy();
    gateway = await startPolicyGateway(server, account);
    out = `s3://${account.results.name}`;
    inputs = `s3://${account.inputs.name}`;
    cluster = await startCluster();
    await cluster.startWorker({ role: 'control', env: as('Control') });
    request = await upload();
    return async () => {
      await gateway.stop();
    };
  });

  /** Uploads the request's model and images, as somebody would with the command line of AWS. */
  async function upload() {
    const request = imageRequest(folder);
    const admin = clientOf('Admin');
    const put = (Key: string, file: string) =>
      admin.send(new PutObjectCommand({ Bucket: account.inputs.name, Key, Body: readFileSync(file) }));
    await put('models/images/v1/model.onnx', request.model);
    const images = join(folder, 'images');
    for (const key of await fileInputFolder(images).list()) await put(`datasets/images/${key}`, join(images, key));
    const dataset = `${inputs}/datasets/images`;
    const uploaded = { ...request, model: `${inputs}/models/images/v1/model.onnx`, dataset, out, run: undefined };
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify(uploaded));
    return { file, dataset };
  }

  it('a run of which examples fail, which are drawn again', async () => {
    const failing = await cluster.startWorker({ role: 'sampler', env: as('Sampler'), unreadable: 10 });
    const first = await runCli(['certify', request.file, '--run', 'first', '--max-failed-share', '0.9'], {
      env: { ...as('Reviewer'), TEMPORAL_ADDRESS: cluster.address },
    });
    expect(first, first.stderr).toMatchObject({ code: 3 });
    expect(await perimeter('Reviewer', 'status', 'first')).toContain('no image');
    await failing.kill();
    await cluster.startWorker({ role: 'sampler', env: as('Sampler') });
    expect(await perimeter('Reviewer', 'retry', 'first')).toContain('generations/2');
  });

  it('a whole run, which is asked for again, signed and verified', async () => {
    for (let times = 0; times < 2; times++) await perimeter('Reviewer', 'certify', request.file, '--run', 'second');
    const local = await runLocally({ ...imageRequest(folder), run: 'local', out: temporaryFolder() });
    const result = openStore(`${out}/runs/second`, { s3: clientOf('Reviewer') });
    expect(Buffer.from(await result.get('summary.json')).toString()).toBe(resultBytes(local.folder).summary);

    const key = join(folder, 'lab.key');
    await runCli(['keys', 'new', key]);
    await perimeter('Signer', 'sign', 'second', '--out', out, '--key', key);
    const flags = ['--out', out, '--public-key', `${key}.pub`, '--replay', '20%'];
    expect(await perimeter('Reviewer', 'verify', 'second', ...flags)).toContain(' 0 failed.');
  });

  it('tables too large for one request, which are given up where they are there already', async () => {
    const control = openStore(`${out}/runs/large`, { s3: clientOf('Control') });
    for (const outcome of ['created', 'same']) {
      const writer = await control.writeIfAbsent('certificates.parquet', { partBytes: 5 * 2 ** 20 });
      await writer.write(new Uint8Array(6 * 2 ** 20));
      expect((await writer.finish()).outcome).toBe(outcome);
    }
  });

  it('two nights of an audit, of which the second finds the same model and data', async () => {
    const line = {
      schedule: { cron: '0 2 * * *' },
      model: { newest: `${inputs}/models/images/` },
      request: { dataset: request.dataset, resize: 16, crop: 12, sigma: 0.25, n0: 20, n: 300, seed: 'nights' },
      gates: { failedShare: { atMost: 0 } },
    };
    const file = join(folder, 'audit.yaml');
    writeFileSync(file, stringify({ out, lines: { [LINE]: line } }));
    await perimeter('Reviewer', 'schedule', 'create', file);
    const records = openStore(out, { s3: clientOf('Reviewer') });
    for (const day of ['2026-03-01', '2026-03-02']) {
      await perimeter('Reviewer', 'schedule', 'backfill', LINE, '--from', `${day}T02:00Z`, '--to', `${day}T02:00Z`);
      const { audits } = await until(
        () => readAuditIndex(records, LINE),
        (index) => index.audits.some(({ date }) => date.startsWith(day)),
      );
      expect(audits.at(-1)).toMatchObject({ outcome: 'passed' });
    }
  });

  it('pages', async () => {
    const serve = await startServe({ out, env: as('Serve') }, onTestFinished);
    for (const path of ['/', '/runs', `/audits/${LINE}`, '/runs/second', '/runs/second/files/report.html']) {
      expect({ path, status: (await serve.get(path)).status }).toEqual({ path, status: 200 });
    }
  });

  it('the deletion of runs that nobody refers to', async () => {
    const fates = await collectGarbage({
      store: openStore(out, { s3: clientOf('Gc') }),
      now: new Date(Date.now() + A_YEAR_MS),
      keepMs: 1,
      remove: true,
    });
    const [unknown, signed, audited] = ['large', 'second', `${LINE}-2026-03-01T020000Z`];
    expect(Object.fromEntries(fates.map(({ run, fate }) => [run, fate]))).toEqual({
      ...{ [unknown]: 'stays', [signed]: 'stays', [audited]: 'stays' },
      first: 'deleted',
    });
  });

  it('of all that nothing was refused but to tidy up after the start-up check, which a lifecycle rule does', () => {
    const refused = gateway.asked.filter((each) => each.refused !== undefined);
    const whats = refused.map(
      ({ identity, operation: { action, key } }) => `${identity} ${action} ${key?.split('/')[0]}`,
    );
    expect(new Set(whats)).toEqual(new Set(['Control s3:DeleteObject .perimeter-check']));
  });

  it('and nothing was allowed that none of that needs, but to look at older versions by the command line of AWS', () => {
    const { arn } = account.results;
    expect(needlessPermissions(account, gateway.asked)).toEqual([
      `Reviewer: s3:ListBucketVersions on ${arn}`,
      `Reviewer: s3:GetObjectVersion on ${arn}/*`,
    ]);
  });
});
