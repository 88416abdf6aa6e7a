import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Request } from '../../certification/records/request.ts';
import { fetchStatus, type RunHandle } from '../../cli/runs.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { createBucket } from '../support/create-bucket.ts';
import { expectWholeRun } from '../support/expect-whole-run.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { startS3Proxy, type Forward } from '../support/s3-proxy.ts';
import type { S3Request, S3Response } from '../support/send-signed.ts';
import { stubRequest } from '../support/stub-request.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const server = inject('s3');
const asRoot = s3Environment(server);

/** More than a request's own retries take. */
const OUTAGE_MS = 8_000;
const STALL_MS = 30_000;

/** A cluster whose workers reach the store at `endpoint`; this process reaches it directly. */
async function startClusterAt(endpoint: string): Promise<Cluster> {
  Object.assign(process.env, asRoot);
  const cluster = await startCluster();
  const env = s3Environment({ ...server, endpoint });
  await cluster.startWorker({ role: 'control', env });
  await cluster.startWorker({ role: 'sampler', env });
  return cluster;
}

async function request(seed: string): Promise<Request> {
  const out = `s3://${await createBucket({ server })}/audits`;
  return stubRequest({ stub: { examples: 24, secondsPerSample: 0.0004 }, n: 200, shardSize: 4, seed, out });
}

async function untilShards(cluster: Cluster, handle: RunHandle, finished: number) {
  await until(
    () => fetchStatus(cluster.client, handle),
    ({ shardsFinished }) => shardsFinished >= finished,
  );
}

function refusal(status: number, code: string): S3Response {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`);
  return { status, headers: { 'content-type': 'application/xml', 'content-length': String(body.length) }, body };
}

describe('a run whose S3 server', () => {
  type Handle = (request: S3Request, forward: Forward) => Promise<S3Response | 'drop'>;
  const asItIs: Handle = (request, forward) => forward(request);
  let handleRequest = asItIs;
  let cluster: Cluster;

  beforeAll(async () => {
    const proxy = await startS3Proxy({ server, handle: (...of) => handleRequest(...of) });
    afterAll(proxy.stop);
    cluster = await startClusterAt(proxy.endpoint);
  });
  beforeEach(() => {
    handleRequest = asItIs;
  });

  it('answers 503 for a while is completed with the bytes of one process', async () => {
    const claim = await request('503');
    const { run, handle } = await cluster.startRun(claim);
    await untilShards(cluster, handle, 1);
    handleRequest = () => Promise.resolve(refusal(503, 'SlowDown'));
    const { retrying } = await until(
      () => fetchStatus(cluster.client, handle),
      (status) => status.retrying.length > 0,
    );
    expect(retrying[0]).toMatch(/^The store did not do \w+ on s3:.*: 503 SlowDown\.$/);
    await sleep(OUTAGE_MS);
    handleRequest = asItIs;
    await handle.result();
    await expectWholeRun(claim, run);
  });

  it('answers conditional writes with conflicts is completed with the bytes of one process', async () => {
    const conflicts = new Map<string, number>();
    // Of some objects more than a write waits for, so that its activity is tried again.
    const conflictsOf = (path: string) => (path.includes('00001.jsonl') || path.includes('summary') ? 10 : 2);
    handleRequest = (asked, forward) => {
      const [path] = asked.path.split('?');
      const met = conflicts.get(path) ?? 0;
      if (asked.headers['if-none-match'] !== '*' || met >= conflictsOf(path)) return forward(asked);
      conflicts.set(path, met + 1);
      return Promise.resolve(refusal(409, 'ConditionalRequestConflict'));
    };
    const claim = await request('409');
    const { run, handle } = await cluster.startRun(claim);
    await handle.result();
    await expectWholeRun(claim, run);
    // Six shards, the plan and its commitment, the results and the manifest.
    expect(conflicts.size).toBeGreaterThanOrEqual(12);
  });

  it('does each write and then loses the answer is completed with the bytes of one process', async () => {
    const lost = new Map<string, number | undefined>();
    const again: number[] = [];
    handleRequest = async (asked, forward) => {
      // The check of a store lets several writes race for one object.
      if (asked.headers['if-none-match'] !== '*' || !asked.path.includes('/runs/')) return forward(asked);
      const first = !lost.has(asked.path);
      if (first) lost.set(asked.path, undefined);
      const { status, ...response } = await forward(asked);
      if (!first) {
        again.push(status);
        return { status, ...response };
      }
      lost.set(asked.path, status);
      return 'drop';
    };
    const claim = await request('lost');
    const { run, handle } = await cluster.startRun(claim);
    await handle.result();
    await expectWholeRun(claim, run);
    expect(lost.size).toBeGreaterThanOrEqual(12);
    expect(new Set(lost.values())).toEqual(new Set([200]));
    expect(new Set(again)).toEqual(new Set([412]));
  });
});

describe('a run whose S3 server says nothing', () => {
  let cluster: Cluster;
  let proxy: TcpProxy;

  beforeAll(async () => {
    proxy = await startTcpProxy(server.endpoint);
    afterAll(proxy.stop);
    cluster = await startClusterAt(proxy.endpoint);
  });

  it('for half a minute waits and is completed with the bytes of one process', async () => {
    const claim = await request('stall');
    const { run, handle } = await cluster.startRun(claim);
    await untilShards(cluster, handle, 1);
    proxy.stall();
    const { shardsFinished } = await fetchStatus(cluster.client, handle);
    await sleep(STALL_MS);
    const status = await fetchStatus(cluster.client, handle);
    // A heartbeat times out ten times in that: the workers were not still, the server was.
    expect(status.retrying).toEqual([]);
    expect(status.shardsFinished).toBeLessThanOrEqual(shardsFinished + 1);
    proxy.resume();
    await handle.result();
    await expectWholeRun(claim, run);
  });
});

describe('a run in an S3 bucket', () => {
  it('is completed by samplers that may write shards alone, with the bytes of one process', async () => {
    Object.assign(process.env, asRoot);
    const out = `s3://${await createBucket({ server })}/audits`;
    const cluster = await startCluster();
    await cluster.startWorker({ role: 'control', env: asRoot });
    await cluster.startWorker({ role: 'sampler', env: s3Environment(server, server.sampler) });
    const claim = { ...fashionMnist, limit: 12, n0: 20, n: 300, shardSize: 5, seed: 'limited', out };
    const { run, handle } = await cluster.startRun(claim);
    const { url } = await handle.result();
    expect(url).toBe(`${out}/runs/${run}`);
    await expectWholeRun(claim, run);
  });
});
