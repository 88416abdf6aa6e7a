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

/** A cron expression, with seconds, of one moment. */
function cronOf(time: Date): string {
  const fields = [
    time.getUTCSeconds(),
    time.getUTCMinutes(),
    time.getUTCHours(),
    time.getUTCDate(),
    time.getUTCMonth() + 1,
  ];
  return `${fields.join(' ')} * ${time.getUTCFullYear()}`;
}

/** The next whole second that is so many away at least. */
const inSeconds = (seconds: number) => new Date(Math.ceil(Date.now() / 1_000) * 1_000 + seconds * 1_000);

describe('a schedule', () => {
  it('audits a line when it is triggered, and skips what was audited already', async () => {
    const { store } = await schedule('triggered', { triggered: { schedule: yearly, request } });
    expect((await perimeter('schedule', 'trigger', 'triggered')).stdout).toBe('Line triggered is being audited.\n');
    const [first] = await auditsOf(store, 'triggered', 1);
    expect(first).toMatchObject({ outcome: 'passed', run: `triggered-${first.date}` });
    expect(await store.has(`runs/triggered-${first.date}/manifest.json`)).toBe(true);

    await perimeter('schedule', 'trigger', 'triggered');
    const [, second] = await auditsOf(store, 'triggered', 2);
    expect(second).toMatchObject({ outcome: 'passed', run: first.run, skipped: first.date });
    expect(await store.folders('runs/')).toEqual([first.run]);
    expect(await readAudit(store, 'triggered', second.date)).toMatchObject({ date: second.date, skipped: first.date });
  });

  it('backfills three missed nights one after another, each with the date that it was due', async () => {
    const { store } = await schedule('nights', { nights: { schedule: { cron: '0 2 * * *' }, request } });
    const { stdout } = await perimeter(
      'schedule',
      'backfill',
      'nights',
      '--from',
      '2026-01-10T02:00Z',
      '--to',
      '2026-01-12',
    );
    expect(stdout).toBe('Line nights makes up for 3 audits.\n');
    const audits = await auditsOf(store, 'nights', 3);
    expect(audits.map(({ date, skipped }) => ({ date, skipped }))).toEqual([
      { date: '2026-01-10T020000Z', skipped: undefined },
      { date: '2026-01-11T020000Z', skipped: '2026-01-10T020000Z' },
      { date: '2026-01-12T020000Z', skipped: '2026-01-10T020000Z' },
    ]);
  });

  it('takes the time zone of the file, and keeps jitter out of the date', async () => {
    const due = inSeconds(15);
    const inTokyo = new Date(due.getTime() + 9 * 3_600_000);
    const { store } = await schedule('tokyo', {
      tokyo: { schedule: { cron: cronOf(inTokyo), timeZone: 'Asia/Tokyo', jitter: '5s' }, request },
    });
    const [{ date }] = await auditsOf(store, 'tokyo', 1);
    expect(date).toBe(`${due.toISOString().slice(0, 19).replaceAll(':', '')}Z`);
  });

  it('skips what falls due while an audit of the line is under way', async () => {
    const slow = { ...request, n: 3_000_000 };
    const { store } = await schedule('overlap', { overlap: { schedule: { cron: '*/2 * * * * * *' }, request: slow } });
    const [first] = await auditsOf(store, 'overlap', 1);
    await perimeter('schedule', 'pause', 'overlap');
    const { stdout } = await perimeter('schedule', 'show', 'overlap', '--json');
    const { overlapped, recent } = JSON.parse(stdout) as { overlapped: number; recent: unknown[] };
    expect(overlapped).toBeGreaterThan(0);
    expect(recent.length).toBeLessThan(overlapped + recent.length);
    expect(first.run).toBe(`overlap-${first.date}`);
  });

  it('is what its file says after it was applied again, and stays paused', async () => {
    const { file } = await schedule('again', {
      again: { schedule: { cron: ['0 2 * * *', '0 14 * * *'] }, request },
      other: { schedule: yearly, request },
    });
    await perimeter('schedule', 'pause', 'again', '--note', 'the test set moves');
    const before = await nextOf('again');
    expect(before.map((at) => at.slice(11, 16))).toEqual(expect.arrayContaining(['02:00', '14:00']) as string[]);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/- 0 14.*/, ''));
    expect((await perimeter('schedule', 'create', file)).stdout).toBe(
      'Line again is scheduled anew.\nLine other is scheduled anew.\n',
    );
    expect((await nextOf('again')).every((at) => at.slice(11, 16) === '02:00')).toBe(true);
    const listed = async () => (await perimeter('schedule', 'list')).stdout;
    expect(await listed()).toMatch(/^again +paused: the test set moves$/m);
    await perimeter('schedule', 'resume', 'again');
    expect(await until(listed, (text) => !text.includes('paused: the test'))).toMatch(/^again +next 2/m);
    await perimeter('schedule', 'delete', 'again');
    const gone = await perimeter('schedule', 'show', 'again');
    expect(gone).toMatchObject({ code: 2 });
    expect(gone.stderr).toBe(
      'perimeter: No line again is scheduled: "perimeter schedule list" lists those that are.\n',
    );
  });

  it('is refused with a sentence where Temporal cannot read its times', async () => {
    const file = join(folder, 'refused.yaml');
    writeFileSync(
      file,
      stringify({ out: join(folder, 'refused'), lines: { refused: { schedule: { cron: 'every night' }, request } } }),
    );
    const { code, stderr } = await perimeter('schedule', 'create', file);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'perimeter: Line refused: Temporal refuses its schedule: CronString does not have 5-7 fields.\n',
    );
  });

  it('makes up for a night with jitter too, and says where none was due', async () => {
    const { store } = await schedule('jittered', {
      jittered: { schedule: { cron: '0 2 * * *', jitter: '10m' }, request },
    });
    const night = ['--from', '2026-01-10T02:00Z', '--to', '2026-01-10T02:00Z'];
    expect((await perimeter('schedule', 'backfill', 'jittered', ...night)).stdout).toBe(
      'Line jittered makes up for 1 audit.\n',
    );
    expect((await auditsOf(store, 'jittered', 1)).map(({ date }) => date)).toEqual(['2026-01-10T020000Z']);
    const noon = ['--from', '2026-01-10T12:00Z', '--to', '2026-01-10T13:00Z'];
    const none = await perimeter('schedule', 'backfill', 'jittered', ...noon);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/^perimeter: No audit of jittered was due then: /);
  });

  it('is not asked for anything by times that are none, or in the wrong order', async () => {
    const backfill = async (from: string, to: string) =>
      (await runCli(['schedule', 'backfill', 'any', '--from', from, '--to', to, '--address', '127.0.0.1:1'])).stderr;
    expect(await backfill('yesterday', '2026-01-12')).toBe(
      'perimeter: --from is "yesterday", but must be a day or a time with its zone, such as 2026-11-24 or 2026-11-24T02:00Z.\n',
    );
    expect(await backfill('2026-02-30', '2026-03-01')).toContain('--from is "2026-02-30", but must be a day');
    expect(await backfill('2026-01-12', 'never')).toContain('--to is "never", but must be a day');
    expect(await backfill('2026-01-12', '2026-01-11')).toBe(
      'perimeter: --from is 2026-01-12, after --to, which is 2026-01-11: exchange them.\n',
    );
  });

  async function nextOf(line: string): Promise<string[]> {
    const { stdout } = await perimeter('schedule', 'show', line, '--json');
    return (JSON.parse(stdout) as { next: string[] }).next;
  }
});

describe('an audit that fails', () => {
  it('pauses its schedule and is told once, signed, however often the receiver was away', async () => {
    receiver.answers = [{ status: 503, headers: { 'retry-after': '1' } }, { status: 500 }];
    const from = receiver.received.length;
    const { store } = await schedule('gated', {
      gated: {
        schedule: yearly,
        request,
        gates: { certifiedAccuracy: [{ radius: 0.25, atLeast: 0.999 }] },
        notify: [{ url: receiver.url, secretEnv: 'TEST_WEBHOOK_SECRET' }],
      },
    });
    await perimeter('schedule', 'trigger', 'gated');
    const [{ date, outcome }] = await auditsOf(store, 'gated', 1);
    expect(outcome).toBe('failed');
    const paused = await until(
      async () => (await perimeter('schedule', 'list')).stdout,
      (text) => /^gated +paused/m.test(text),
    );
    expect(paused).toMatch(/^gated +paused: .*fail/m);

    const events = receiver.received.slice(from);
    expect(events).toHaveLength(3);
    expect(new Set(events.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([`gated/${date}/0`]));
    expect(new Set(events.map(({ body }) => body)).size).toBe(1);
    const { headers, body } = events[2];
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: 'audit.failed',
      data: { line: 'gated', date, outcome: 'failed', gates: [{ gate: 'certifiedAccuracy', verdict: 'fail' }] },
    });
    expect(() => new Webhook(SECRET).verify(body.replace('failed', 'passed'), headers)).toThrow();
  });

  it('is put down with the reason where its model cannot be read, and told as Slack takes it', async () => {
    const from = receiver.received.length;
    const { store } = await schedule('missing', {
      missing: {
        schedule: yearly,
        model: { newest: join(folder, 'no <models> & none') },
        request: { dataset: join(folder, 'none.npz'), sigma: 0.5 },
        notify: [{ url: receiver.url, format: 'slack' }],
      },
    });
    await perimeter('schedule', 'trigger', 'missing');
    const [audit] = await auditsOf(store, 'missing', 1);
    expect(audit).toMatchObject({ outcome: 'error', run: null, summary: null });
    expect(audit.reason).toMatch(
      /^There is no model under .*no%20%3Cmodels%3E%20&%20none: expected a file that ends in \.onnx\.$/,
    );
    const events = await until(
      () => receiver.received.slice(from),
      (all) => all.length > 0,
    );
    expect(JSON.parse(events[0].body)).toEqual({
      text: expect.stringMatching(
        /^Perimeter: missing ended with an error on \d{4}-\d\d-\d\d\. There is no model under .*&amp;/,
      ) as string,
    });
  });

  it('is done over by a backfill of its date, when what was wrong is mended', async () => {
    const night = ['--from', '2026-01-10', '--to', '2026-01-10'];
    const line = { schedule: { cron: '0 2 * * *' }, request };
    const missing = { ...line, notify: [{ url: receiver.url, secretEnv: 'NOT_SET_HERE' }] };
    const { store } = await schedule('mended', { mended: missing });
    await perimeter('schedule', 'backfill', 'mended', ...night);
    expect((await auditsOf(store, 'mended', 1))[0].outcome).toBe('error');
    await schedule('mended', { mended: line });
    await perimeter('schedule', 'backfill', 'mended', ...night);
    const [{ outcome, date }] = await until(
      async () => (await readAuditIndex(store, 'mended')).audits,
      ([audit]) => audit.outcome !== 'error',
    );
    expect({ outcome, date }).toEqual({ outcome: 'passed', date: '2026-01-10T020000Z' });
    expect(await readAudit(store, 'mended', date)).toMatchObject({ outcome: 'passed', run: `mended-${date}` });
  });

  it('is given up, told and left to go on where it takes longer than its line allows', async () => {
    const from = receiver.received.length;
    const stub = { ...request.stub, secondsPerSample: 0.02 };
    const { store } = await schedule('late', {
      late: { schedule: { ...yearly, within: '3s' }, request: { ...request, stub }, notify: [{ url: receiver.url }] },
    });
    await perimeter('schedule', 'trigger', 'late');
    const [audit] = await auditsOf(store, 'late', 1);
    expect(audit).toMatchObject({ outcome: 'error', run: `late-${audit.date}`, summary: null });
    expect(audit.reason).toMatch(/^Run late-.* was not finished within 0\.00083.* h: give it longer/);
    expect(await store.has(`runs/late-${audit.date}/plan.json`)).toBe(true);
    const events = await until(
      () => receiver.received.slice(from),
      (all) => all.length > 0,
    );
    expect(JSON.parse(events[0].body)).toMatchObject({ type: 'audit.error', data: { line: 'late' } });
  });

  it('is put down and told where its line’s index is damaged, which fails the workflow', async () => {
    const from = receiver.received.length;
    const { store } = await schedule('damaged', {
      damaged: { schedule: yearly, request, notify: [{ url: receiver.url, on: ['error'] }] },
    });
    await store.update('audits/damaged/index.json', () => new TextEncoder().encode('{'));
    await perimeter('schedule', 'trigger', 'damaged');
    const [event] = await until(
      () => receiver.received.slice(from),
      (all) => all.length > 0,
    );
    const { data } = JSON.parse(event.body) as { data: { date: string; reason: string } };
    expect(data.reason).toContain("index.json can't be read as a record of audits");
    expect(await readAudit(store, 'damaged', data.date)).toMatchObject({ outcome: 'error' });
    await until(
      async () => (await perimeter('schedule', 'list')).stdout,
      (text) => /^damaged +paused: .*not in its line's index/m.test(text),
    );
  });

  it('is put down and told too where its run is there and can’t be judged', async () => {
    const from = receiver.received.length;
    const stub = { ...request.stub, examples: 12, secondsPerSample: 0.002 };
    const { store } = await schedule('unjudged', {
      unjudged: { schedule: yearly, request: { ...request, stub }, notify: [{ url: receiver.url }] },
    });
    await perimeter('schedule', 'trigger', 'unjudged');
    const run = await until(
      async () => (await store.folders('runs/'))[0] as string | undefined,
      (name) => name !== undefined,
    );
    await store.update('audits/unjudged/index.json', () => new TextEncoder().encode('{'));
    const [event] = await until(
      () => receiver.received.slice(from),
      (all) => all.length > 0,
    );
    const { data } = JSON.parse(event.body) as { data: { date: string; run: string; outcome: string } };
    expect(data).toMatchObject({ run, outcome: 'error' });
    expect(await store.has(`runs/${data.run}/manifest.json`)).toBe(true);
  });

  it('says before anything is drawn that the secret of its webhook is missing', async () => {
    const { store } = await schedule('secretless', {
      secretless: { schedule: yearly, request, notify: [{ url: receiver.url, secretEnv: 'NOT_SET_HERE' }] },
    });
    await perimeter('schedule', 'trigger', 'secretless');
    const [audit] = await auditsOf(store, 'secretless', 1);
    expect(audit).toMatchObject({ outcome: 'error', run: null });
    expect(audit.reason).toContain('lacks NOT_SET_HERE, the secret that signs');
  });
});
