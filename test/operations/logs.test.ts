import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { connectClient } from '../../cli/connect.ts';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { startRun } from '../../cli/runs.ts';
import { jsonLine, textLine } from '../../workers/log.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerCli, type WorkerCli } from '../support/worker-cli.ts';

const SECRET = 'nobody-may-read-this';

let server: TemporalServer;
let client: Client;
let worker: WorkerCli;

beforeAll(async () => {
  server = await startTemporalServer();
  client = await connectClient({ address: server.address });
  const env = {
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
  };
  worker = await startWorkerCli({ address: server.address, env }, afterAll);
  await worker.untilReady();
});

afterAll(async () => {
  await worker.kill();
  await client.connection.close();
  await server.stop();
});

async function untilLogged(holds: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  for (;;) {
    const line = worker.logged().find(holds);
    if (line !== undefined) return line;
    if (worker.ended()) throw new Error(worker.output());
    await sleep(100);
  }
}

describe("a worker's log", () => {
  it('says of each shard that it started and finished, with its run, attempt and cost', async () => {
    const request = stubRequest({ stub: { examples: 20 }, n0: 10, n: 200, out: temporaryFolder() });
    const handle = await startRun(client, { request, run: 'logged' });
    await handle.result();
    const last = await untilLogged(({ message, shard }) => message === 'Shard estimation finished' && shard === 1);
    expect(last).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      level: 'INFO',
      run: 'logged',
      shard: 1,
      activity: 'estimateShard',
      attempt: 1,
      workflow: 'certifyRange',
      workflowId: 'certify/logged/range-0',
      phase: 'estimation',
      samples: 4 * 200,
      seconds: expect.any(Number) as number,
    });
    const messages = worker.logged().filter(({ run, shard }) => run === 'logged' && shard === 1);
    expect(messages.map(({ message }) => message)).toEqual([
      'Shard selection started',
      'Shard selection finished',
      'Shard estimation started',
      'Shard estimation finished',
    ]);
  });

  it('says why an attempt failed and of which run, without credentials', async () => {
    const { workflowId } = await startRun(client, {
      request: stubRequest({ out: 's3://bucket/runs' }),
      run: 'no-store',
    });
    const line = await untilLogged(({ message, attempt }) => message === 'Activity failed' && attempt === 2);
    expect(line).toMatchObject({ level: 'WARN', run: 'no-store', error: { type: 'StoreUnavailable' } });
    await client.workflow.getHandle(workflowId).terminate();
    expect(JSON.stringify(worker.logged())).not.toContain(SECRET);
  });

  it("has the lines of Temporal's native code in it, and the word that it shuts down", async () => {
    await server.kill();
    const line = await untilLogged(({ target }) => String(target).startsWith('temporalio_'));
    expect(line).toMatchObject({ level: 'WARN', message: expect.stringContaining('gRPC call') as string });
    process.kill(worker.pid, 'SIGTERM');
    await untilLogged(({ message, signal }) => message === 'Shutting down' && signal === 'SIGTERM');
  });
});

describe('a line', () => {
  const refused = Object.assign(new PerimeterError('StoreRefused', 'The bucket refuses.'), {
    $response: { headers: { authorization: SECRET } },
  });
  const entry = {
    timestampNanos: 1_800_000_000_123_000_000n,
    level: 'WARN' as const,
    message: 'Activity failed',
    meta: {
      workflowId: 'certify/nightly/range-3',
      activityType: 'estimateShard',
      attempt: 2,
      error: refused,
      size: 5n,
    },
  };

  it('is one JSON object with the run that a workflow is of, and of an error its words alone', () => {
    const line = jsonLine(entry);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      time: '2027-01-15T08:00:00.123Z',
      level: 'WARN',
      message: 'Activity failed',
      run: 'nightly',
      activity: 'estimateShard',
      attempt: 2,
      workflowId: 'certify/nightly/range-3',
      error: { type: 'StoreRefused', message: 'The bucket refuses.', stack: refused.stack },
      size: '5',
    });
    expect(line).not.toContain(SECRET);
  });

  it('is words for a terminal', () => {
    const [head, ...rest] = textLine(entry).split('\n');
    expect(head).toBe(
      '2027-01-15T08:00:00.123Z WARN  Activity failed run=nightly activity=estimateShard attempt=2 workflowId=certify/nightly/range-3 size="5"',
    );
    expect(rest[0]).toContain('The bucket refuses.');
    expect(textLine(entry)).not.toContain(SECRET);
  });
});
