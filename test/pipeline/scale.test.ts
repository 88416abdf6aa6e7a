import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historySizes } from '../../bench/history-sizes.ts';
import { controlQueue, samplerQueue } from '../../workers/queues.ts';
import { fetchStatus } from '../../cli/runs.ts';
import { progressQuery } from '../../workflows/messages.ts';
import type { CertifyRangeInput } from '../../workflows/types.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { createVerifier } from '../support/small-runs.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Temporal warns above these (docs/scale.md). */
const MAX_EVENTS = 4_096;
const MAX_PAYLOAD = 256 * 1_024;

describe('a run of many shards', () => {
  let cluster: Cluster;
  let out: string;

  beforeAll(async () => {
    cluster = await startCluster();
    out = temporaryFolder(afterAll);
    await cluster.startWorker({ role: 'control' });
  });

  it('keeps histories and payloads small, and leaves the bytes of one process', async () => {
    const sampler = await cluster.startWorker({ role: 'sampler' });
    const request = stubRequest({ stub: { examples: 1_600 }, seed: 'scale', out });
    const { handle } = await cluster.startRun(request);
    const { url } = await handle.result();
    const { executions, mostEvents, mostPayload } = await historySizes(cluster.client);
    expect(executions).toBeGreaterThan(2);
    expect(mostEvents).toBeLessThan(MAX_EVENTS);
    expect(mostPayload).toBeLessThan(MAX_PAYLOAD);
    const local = await runLocally({ ...request, shardSize: 256 });
    expect(resultBytes(fileURLToPath(url))).toEqual(resultBytes(local.folder));
    await sampler.kill();
  });

  it('cuts the history of a long range before it is too long', async () => {
    const shards = 1_400;
    const sampler = await cluster.startWorker({ role: 'sampler' });
    const request = stubRequest({ stub: { examples: shards }, shardSize: 1, out });
    // All of its shards are there: looking is one activity a shard, which leaves three events at least.
    const { run, plan, url } = await runLocally(request);
    const input: CertifyRangeInput = {
      run,
      out,
      queue: samplerQueue('cpu'),
      plan: {
        url,
        finished: false,
        claimDigest: plan.claimDigest,
        examples: shards,
        shardSize: 1,
        shards,
        samplesPerExample: 210,
        sequential: false,
        secondsPerShard: 1,
      },
      first: 0,
      end: shards,
      window: 50,
      heartbeatTimeoutMs: 60_000,
    };
    const total: unknown = await cluster.client.workflow.execute('certifyRange', {
      workflowId: 'long-range',
      taskQueue: controlQueue,
      args: [input],
    });
    expect(total).toMatchObject({ finishedShards: shards, examples: shards, failedShards: 0 });
    const { executions, events, mostEvents } = await historySizes(cluster.client, 'WorkflowId = "long-range"');
    expect(events).toBeGreaterThan(MAX_EVENTS);
    expect(executions).toBeGreaterThan(1);
    expect(mostEvents).toBeLessThan(MAX_EVENTS);
    await sampler.kill();
  });

  it('keeps them small where most shards fail, says why each did, and still verifies', async () => {
    const sampler = await cluster.startWorker({ role: 'sampler', unreadable: 3 });
    const request = stubRequest({ stub: { examples: 600 }, shardSize: 2, maxFailedShare: 1, out });
    const { handle } = await cluster.startRun(request);
    const { url, failed } = await handle.result();
    // Of three shards, the first and the third hold 1 more than a multiple of 3.
    expect(failed).toBe(400);
    expect(await fetchStatus(cluster.client, handle)).toMatchObject({ shardsFailed: 200, shardsFinished: 300 });
    expect((await historySizes(cluster.client)).mostPayload).toBeLessThan(MAX_PAYLOAD);
    expect(JSON.stringify(await handle.query(progressQuery)).length).toBeLessThan(MAX_PAYLOAD / 16);
    const folder = fileURLToPath(url);
    expect(readdirSync(join(folder, 'failed'))).toHaveLength(200);
    const row = (shard: string) =>
      JSON.parse(readFileSync(join(folder, 'shards', shard), 'utf8').split('\n')[0]) as object;
    expect(row('00003.jsonl')).toMatchObject({
      index: 6,
      status: 'failed',
      reason: expect.stringContaining('example 7:') as string,
    });
    const { verify, close } = createVerifier();
    afterAll(close);
    const { failed: faults } = await verify(folder);
    expect(faults).toEqual(['model']);
    await sampler.kill();
  });
});
