import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporalServer, type TemporalServer } from '../../cli/dev/temporal-server.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { runCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { startWorkerCli, type WorkerCli } from '../support/worker-cli.ts';

let server: TemporalServer;

beforeAll(async () => {
  server = await startTemporalServer();
});

afterAll(async () => {
  process.kill(server.pid, 'SIGCONT');
  await server.stop();
});

async function untilNotReady(worker: WorkerCli): Promise<unknown> {
  for (;;) {
    const ready = await worker.ask('/readyz');
    if (ready !== undefined && ready.status !== 200) return ready.body;
    await sleep(50);
  }
}

it('is alive at once, ready when its workers poll, and not ready while Temporal is silent or it shuts down', async () => {
  const worker = await startWorkerCli({ address: server.address });
  const waitedFor = new Set<unknown>();
  let answer: Awaited<ReturnType<WorkerCli['ask']>>;
  do {
    await sleep(10);
    if (worker.ended()) throw new Error(worker.output());
    expect((await worker.ask('/healthz'))?.status ?? 200).toBe(200);
    answer = await worker.ask('/readyz');
    if (answer !== undefined && answer.status !== 200) waitedFor.add((answer.body as { reason: string }).reason);
  } while (answer?.status !== 200);
  expect(answer.body).toEqual({ status: 'ok' });
  expect([...waitedFor]).toContain('waiting for a model process to run on this device');
  expect([...waitedFor]).toContain('waiting for the workers to start');

  process.kill(server.pid, 'SIGSTOP');
  const silent = { status: 'unavailable', reason: expect.stringMatching(/^Temporal does not answer: /) as string };
  expect(await untilNotReady(worker)).toEqual(silent);
  expect((await worker.ask('/healthz'))?.status).toBe(200);
  process.kill(server.pid, 'SIGCONT');
  await worker.untilReady();

  // While the server is silent the worker can't take its leave of it, and is seen shutting down.
  process.kill(server.pid, 'SIGSTOP');
  process.kill(worker.pid, 'SIGTERM');
  const leaving = {
    status: 'unavailable',
    reason: expect.stringMatching(/ worker is (stopping|drain|stopped)/) as string,
  };
  let body: unknown;
  do body = await untilNotReady(worker);
  while (JSON.stringify(body).includes('does not answer'));
  expect(body).toEqual(leaving);
  expect((await worker.ask('/healthz'))?.status).toBe(200);
  process.kill(server.pid, 'SIGCONT');
  await worker.stop();
});

it('ends with one sentence where an address is taken or is none', async () => {
  const worker = await startWorkerCli({ address: server.address, role: 'control' });
  await worker.untilReady();
  const start = async (...flags: string[]) => {
    const { code, stderr } = await runCli(['worker', '--address', server.address, '--role', 'control', ...flags]);
    const lines = stderr.trim().split('\n');
    return { code, lines: lines.map((line) => (JSON.parse(line) as { message: string }).message) };
  };
  const taken = 'something listens there already; choose another port.';
  expect(await start('--health', worker.healthAddress)).toEqual({
    code: 2,
    lines: [`The address of the health checks (--health) can't be served at ${worker.healthAddress}: ${taken}`],
  });
  expect(await start('--metrics', worker.metricsAddress)).toEqual({
    code: 2,
    lines: [`The address of the metrics (--metrics) can't be served at ${worker.metricsAddress}: ${taken}`],
  });
  expect(await start('--metrics', 'localhost:9464')).toEqual({
    code: 2,
    lines: [expect.stringContaining('is "localhost:9464", but must be an IP address and a port') as string],
  });
  expect(await start('--health', '127.0.0.1:65536')).toMatchObject({ code: 2 });
  await worker.stop();
});

it('waits, alive and not ready, for a Temporal that is not there yet, and ends when told to', async () => {
  const port = await freePort();
  const worker = await startWorkerCli({ address: `127.0.0.1:${port}`, role: 'control' });
  await until(
    () => worker.logged(),
    (lines) => lines.some(({ message }) => message === 'Temporal is waited for'),
  );
  expect((await worker.ask('/healthz'))?.status).toBe(200);
  expect(await untilNotReady(worker)).toEqual({
    status: 'unavailable',
    reason: `waiting for Temporal at 127.0.0.1:${port}`,
  });

  const late = await startTemporalServer({ port });
  await worker.untilReady();
  await late.stop();

  const other = await startWorkerCli({ address: `127.0.0.1:${await freePort()}`, role: 'control' });
  await until(
    () => other.logged(),
    (lines) => lines.some(({ message }) => message === 'Temporal is waited for'),
  );
  process.kill(other.pid, 'SIGTERM');
  await until(
    () => other.ended(),
    (ended) => ended,
  );
  expect(other.logged().at(-1)).toMatchObject({ message: 'Shutting down', signal: 'SIGTERM' });
});
