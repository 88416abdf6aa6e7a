import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { readAudit, readAuditIndex } from '../../certification/audits/audit-index.ts';
import type { AuditIndex } from '../../certification/records/audit.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { fashionMnist, modelForSigma050 } from '../support/fashion-mnist.ts';
import { startServe } from '../support/serve-cli.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const LINE = 'fashion-mnist';
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSBzdG9yeQ==';

const folder = temporaryFolder(afterAll);
const out = join(folder, 'store');
const models = join(folder, 'models');
const store = openStore(pathToFileURL(out).href);
let cluster: Cluster;
let receiver: WebhookReceiver;

beforeAll(async () => {
  cluster = await startCluster();
  receiver = await startWebhookReceiver();
  await cluster.startWorker({ role: 'control', env: { AUDIT_SECRET: SECRET } });
  await cluster.startWorker({ role: 'sampler', processes: 2 });
  mkdirSync(models);
});

const perimeter = async (...args: string[]) => {
  const result = await runCli([...args, '--address', cluster.address]);
  expect(result.stderr).toBe('');
  return result.stdout;
};

/** Puts a model where the line looks for its newest. */
const deploy = (model: string) => {
  copyFileSync(model, join(models, 'cnn.onnx'));
};

/** Lets a night come: the schedule's clock says that it is due, whatever ours says. */
async function night(day: string) {
  await perimeter('schedule', 'backfill', LINE, '--from', `${day}T02:00Z`, '--to', `${day}T02:00Z`);
  const date = `${day}T020000Z`;
  await until(
    async () => (await readAuditIndex(store, LINE)).audits,
    (audits) => audits.some((audit) => audit.date === date),
  );
  const audit = await readAudit(store, LINE, date);
  if (audit === undefined) throw new Error(`No audit of ${date}.`);
  return audit;
}

it('certifies a model, skips it while nothing changes, and raises an alarm when a worse one takes its place', async () => {
  const file = join(folder, 'audit.yaml');
  const lines = {
    [LINE]: {
      schedule: { cron: '0 2 * * *' },
      model: { newest: 'models' },
      request: {
        ...{ dataset: fashionMnist.dataset, labels: fashionMnist.labels, sigma: 0.5, n0: 50, n: 500, limit: 200 },
        seed: 'three nights',
      },
      gates: {
        certifiedAccuracy: [{ radius: 0.25, atLeast: 0.6 }],
        drop: { radii: [0.25, 0.5], atMost: 2 },
        abstentionRate: { atMost: 0.2 },
        failedShare: { atMost: 0 },
      },
      notify: [{ url: receiver.url, secretEnv: 'AUDIT_SECRET' }],
    },
  };
  writeFileSync(file, stringify({ out, lines }));
  await perimeter('schedule', 'create', file);

  deploy(modelForSigma050);
  const first = await night('2026-03-01');
  expect(first).toMatchObject({ outcome: 'passed', baseline: null, run: `${LINE}-2026-03-01T020000Z` });

  const second = await night('2026-03-02');
  expect(second).toMatchObject({ outcome: 'passed', skipped: first.date, run: first.run, summary: first.summary });
  expect(await store.folders('runs/')).toEqual([first.run]);
  expect(receiver.received).toEqual([]);

  deploy(fashionMnist.model);
  const third = await night('2026-03-03');
  expect(third).toMatchObject({ outcome: 'failed', baseline: { run: first.run, date: first.date, pinned: false } });
  expect(third.audited?.model).not.toBe(first.audited?.model);
  const drops = third.gates.filter(({ gate }) => gate === 'drop');
  expect(drops.map(({ verdict }) => verdict)).toEqual(['fail', 'fail']);
  for (const { pValue = 1, observed } of drops) {
    expect(pValue).toBeLessThanOrEqual(0.05);
    expect(observed).toBeGreaterThan(2);
  }

  const listed = await until(
    () => perimeter('schedule', 'list'),
    (text) => text.includes('paused'),
  );
  expect(listed).toMatch(/^fashion-mnist {2}paused: .*of fashion-mnist: /);
  expect(receiver.received).toHaveLength(1);
  const [{ body, headers }] = receiver.received;
  expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
    type: 'audit.failed',
    timestamp: '2026-03-03T02:00:00Z',
    text: expect.stringMatching(/^Perimeter: fashion-mnist failed on 2026-03-03\. /) as string,
    data: { line: LINE, run: third.run, baseline: { run: first.run } },
  });

  const serve = await startServe({ out, address: cluster.address }, onTestFinished);
  const { audits } = (await serve.json(`/api/audits/${LINE}`)) as AuditIndex;
  expect(audits.map(({ outcome, skipped }) => [outcome, skipped])).toEqual([
    ['passed', undefined],
    ['passed', first.date],
    ['failed', undefined],
  ]);
  expect(await serve.text('/')).toMatch(/fashion-mnist[^]*failed/);
  const history = await serve.text(`/audits/${LINE}`);
  for (const { date } of [first, second, third]) expect(history).toContain(`/audits/${LINE}/${date}`);
  const audit = await serve.text(`/audits/${LINE}/${third.date}`);
  expect(audit).toContain(third.reason.split(':')[0]);
  const page = await serve.get(`/audits/${LINE}/${third.date}/report.html`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('baseline 2026-03-01, 02:00 UTC');
}, 300_000);
