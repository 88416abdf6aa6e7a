import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readAuditIndex } from '../../certification/audits/audit-index.ts';
import { auditDate } from '../../certification/records/audit-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { startCluster } from '../support/cluster.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const request = { stub: { examples: 60, classes: 4, pA: { a: 8, b: 1 } }, sigma: 0.5, n0: 10, n: 200 };
/** For some commands one after another, on a busy machine. */
const TIME_TO_SCHEDULE_MS = 25_000;
/** Past the scheduled time, and past the least catch-up window that Temporal has. */
const OUTAGE_MS = 14_000;

it('makes up for an audit that fell due while the server was away, and not for one longer ago than its catch-up', async () => {
  const folder = temporaryFolder(afterAll);
  const cluster = await startCluster({ durable: true });
  const out = join(folder, 'out');
  const file = join(folder, 'audit.yaml');
  const due = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + TIME_TO_SCHEDULE_MS);
  const cron = `${due.getUTCSeconds()} ${due.getUTCMinutes()} ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`;
  const lines = {
    patient: { schedule: { cron: `${cron} ${due.getUTCFullYear()}` }, request },
    strict: { schedule: { cron: `${cron} ${due.getUTCFullYear()}`, catchUp: '10s' }, request },
  };
  writeFileSync(file, stringify({ out, lines }));
  const perimeter = (...args: string[]) => runCli([...args, '--address', cluster.address]);
  expect((await perimeter('schedule', 'create', file)).code).toBe(0);
  // A server that is killed before it has looked at a schedule knows nothing of what is missed.
  for (const line of Object.keys(lines)) {
    await until(
      async () => JSON.parse((await perimeter('schedule', 'show', line, '--json')).stdout) as { next: string[] },
      ({ next }) => next.length > 0,
    );
  }
  expect(Date.now()).toBeLessThan(due.getTime());
  await cluster.killServer();
  await sleep(due.getTime() - Date.now() + OUTAGE_MS);
  await cluster.restartServer();
  await cluster.startWorker({ role: 'control' });
  await cluster.startWorker({ role: 'sampler' });

  const store = openStore(pathToFileURL(out).href);
  const { audits } = await until(
    () => readAuditIndex(store, 'patient'),
    (index) => index.audits.length > 0,
  );
  expect(audits.map(({ date, outcome }) => ({ date, outcome }))).toEqual([{ date: auditDate(due), outcome: 'passed' }]);
  const shown = await until(
    async () => JSON.parse((await perimeter('schedule', 'show', 'strict', '--json')).stdout) as { missed: number },
    ({ missed }) => missed > 0,
  );
  expect(shown).toMatchObject({ missed: 1, recent: [] });
  expect((await readAuditIndex(store, 'strict')).audits).toEqual([]);
}, 240_000);
