import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readAudit, readAuditIndex } from '../../certification/audits/audit-index.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { Store } from '../../certification/storage/store.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw==';
/** A request that draws from a law: an audit takes a second. */
const request = { stub: { examples: 60, classes: 4, pA: { a: 8, b: 1 } }, sigma: 0.5, n0: 10, n: 200 };
/** Never by itself within a test. */
const yearly = { cron: '0 2 1 1 *' };

const folder = temporaryFolder(afterAll);
let cluster: Cluster;
let receiver: WebhookReceiver;

beforeAll(async () => {
  cluster = await startCluster();
  receiver = await startWebhookReceiver();
  await cluster.startWorker({ role: 'control', env: { TEST_WEBHOOK_SECRET: SECRET } });
  await cluster.startWorker({ role: 'sampler' });
});

const perimeter = (...args: string[]) => runCli([...args, '--address', cluster.address]);

/** Applies an audit file of these lines, kept in a folder of its own. */
async function schedule(name: string, lines: Record<string, unknown>): Promise<{ store: Store; file: string }> {
  const out = join(folder, name);
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, stringify({ out, lines }));
  const { code, stderr } = await perimeter('schedule', 'create', file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return { store: openStore(pathToFileURL(out).href), file };
}

const auditsOf = (store: Store, line: string, count: number) =>
  until(
    async () => (await readAuditIndex(store, line)).audits,
    (audits) => audits.length >= count,
  );

describe('a schedule', () => {
  it('audits a line when it is triggered, dates the audit by its scheduled time, and skips what was audited', async () => {
    const { store } = await schedule('triggered', { triggered: { schedule: yearly, request } });
    expect((await perimeter('schedule', 'trigger', 'triggered')).code).toBe(0);
    const [first] = await auditsOf(store, 'triggered', 1);
    expect(first).toMatchObject({ outcome: 'passed', run: `triggered-${first.date}` });
    expect(await store.has(`runs/triggered-${first.date}/manifest.json`)).toBe(true);
  });
});
