import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { collectGarbage, type RunFate } from '../../certification/retention/collect-garbage.ts';
import { decideRetention, type Decision } from '../../certification/retention/decide-retention.ts';
import type { AuditedRuns } from '../../certification/retention/read-audits.ts';
import { auditDate, auditKeys } from '../../certification/records/audit-keys.ts';
import type { Audit, IndexedAudit } from '../../certification/records/audit.ts';
import { recordBytes } from '../../certification/records/canonical-json.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import { studyKeys, type Study } from '../../certification/records/study.ts';
import { signRun } from '../../certification/sign-run.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import type { Store } from '../../certification/storage/store.ts';
import type { RunTraces } from '../../certification/retention/trace-run.ts';
import { createBucket } from '../support/create-bucket.ts';
import { runLocally } from '../support/run-locally.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 24 * 3_600_000;
const keepMs = 30 * DAY_MS;
/** When the collector runs: what the tests write is 40 days old then. */
const now = new Date(Date.now() + 40 * DAY_MS);
const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
const dateOf = (days: number) => auditDate(daysAgo(days));

const server = inject('s3');
const s3 = createS3Client({ endpoint: server.endpoint, credentials: server.root });
const { privateKey } = newKeyPair();
const bytesOf = (text: string) => new TextEncoder().encode(text);

const studyRun = { model: 'm.onnx', sigma: 0.25, generation: 1, claim: '0'.repeat(64) };

describe('which runs stay', () => {
  const traces = (run: string, more: Partial<RunTraces> = {}): RunTraces => ({
    ...{ run, objects: [], bytes: 0, isRun: true, finished: true, signed: false, lastWritten: daysAgo(31) },
    ...more,
  });
  const audit = (days: number, more: Partial<AuditedRuns> = {}): AuditedRuns => ({
    ...{ date: dateOf(days), outcome: 'passed', run: null, baseline: null },
    ...more,
  });
  const decide = (run: RunTraces, audits: AuditedRuns[] = [], underWay: string[] = []): Decision =>
    decideRetention({
      ...{ runs: [run], lines: [{ line: 'cnn', audits }], studies: [], underWay: new Set(underWay) },
      ...{ now, keepMs },
    })[0];
  const goes = { stays: false, reason: { kind: 'old' } };
  const stays = (kind: string, days?: number) => ({
    stays: true,
    reason: days === undefined ? { kind } : { kind, line: 'cnn', date: dateOf(days) },
  });

  it('a young run, to the millisecond; an old one goes, finished or not', () => {
    expect(decide(traces('r'))).toEqual(goes);
    expect(decide(traces('r', { finished: false }))).toEqual({ stays: false, reason: { kind: 'unfinished' } });
    expect(decide(traces('r', { lastWritten: daysAgo(30) }))).toEqual(goes);
    expect(decide(traces('r', { lastWritten: new Date(daysAgo(30).getTime() + 1) }))).toEqual(stays('young'));
    // A clock that is wrong.
    expect(decide(traces('r', { lastWritten: daysAgo(-3) }))).toEqual(stays('young'));
  });

  it('a signed run, however old, one under way, and what is no run', () => {
    const lastWritten = daysAgo(3_000);
    expect(decide(traces('r', { signed: true, lastWritten }))).toEqual(stays('signed'));
    expect(decide(traces('r', { isRun: false, lastWritten }))).toEqual(stays('noRun'));
    expect(decide(traces('r', { finished: false, lastWritten }), [], ['r'])).toEqual(stays('underWay'));
    expect(decide(traces('r', { finished: false, lastWritten }), [], ['other'])).toMatchObject({ stays: false });
  });

  it("the baseline of a line's last audit, and of young ones; that of an old one before the last goes", () => {
    expect(decide(traces('r'), [audit(300, { baseline: 'r' })])).toEqual(stays('baseline', 300));
    expect(decide(traces('r'), [audit(300, { baseline: 'r' }), audit(200, { baseline: 'x' })])).toEqual(goes);
    expect(decide(traces('r'), [audit(29, { baseline: 'r' }), audit(2, { baseline: 'x' })])).toEqual(
      stays('baseline', 29),
    );
    expect(decide(traces('r'), [audit(30, { baseline: 'r' }), audit(2, { baseline: 'x' })])).toEqual(goes);
  });

  it('the baseline of the last audit that names one, where later ones ended in errors', () => {
    const errors = [audit(100, { outcome: 'error' }), audit(99, { outcome: 'error' })];
    expect(decide(traces('r'), [audit(300, { baseline: 'r' }), ...errors])).toEqual(stays('baseline', 300));
  });

  it("the run of a line's last success, past failures, errors and skipped nights, which is the next baseline", () => {
    const later = [audit(99, { outcome: 'failed', run: 'bad' }), audit(98, { outcome: 'error' })];
    expect(decide(traces('r'), [audit(100, { run: 'r' }), ...later])).toEqual(stays('nextBaseline', 100));
    expect(decide(traces('r'), [audit(100, { run: 'r', outcome: 'undecided' })])).toEqual(stays('nextBaseline', 100));
    // A skipped night has the run of the one that it is the same as.
    expect(decide(traces('r'), [audit(100, { run: 'r' }), audit(50, { run: 'r' })])).toEqual(stays('nextBaseline', 50));
    expect(decide(traces('r'), [audit(100, { run: 'r' }), audit(99, { run: 'x' })])).toEqual(goes);
    expect(decide(traces('bad'), [audit(100, { run: 'r' }), ...later])).toEqual(goes);
  });

  it('the run of a young audit, also of one that failed', () => {
    const last = audit(1, { run: 'x' });
    expect(decide(traces('r'), [audit(29, { outcome: 'failed', run: 'r' }), last])).toEqual(stays('audited', 29));
    expect(decide(traces('r'), [audit(31, { outcome: 'failed', run: 'r' }), last])).toEqual(goes);
  });

  it('a run of a study, however old, and none that only begins like one', () => {
    const runs = ['s-0.25', 's-0.5', 's-0.25-2'].map((run) => traces(run, { lastWritten: daysAgo(3_000) }));
    const studied = ['s-0.25', 's-0.5'].map((run) => ({ ...studyRun, run }));
    const studies = [{ study: 's', runs: studied }];
    const decisions = decideRetention({ runs, lines: [], studies, underWay: new Set(), now, keepMs });
    const stay = { stays: true, reason: { kind: 'studied', study: 's' } };
    expect(decisions).toEqual([stay, stay, goes]);
  });

  it("what another line's audits name", () => {
    const lines = ['a', 'b'].map((line) => ({ line, audits: [audit(100, { run: `last of ${line}` })] }));
    const runs = ['last of a', 'last of b', 'none'].map((run) => traces(run));
    const decisions = decideRetention({ runs, lines, studies: [], underWay: new Set(), now, keepMs });
    expect(decisions.map((decision) => decision.stays)).toEqual([true, true, false]);
  });
});

/** One finished run, copied under other ids. */
let finished: { name: string; bytes: Uint8Array }[];

beforeAll(async () => {
  const out = temporaryFolder(afterAll);
  const { run } = await runLocally(stubRequest({ out, run: 'r' }), { processes: 1 });
  const store = openStore(out);
  const keys = await store.list(`${runKeys.folder(run)}/`);
  finished = await Promise.all(
    keys.map(async (key) => ({ name: key.slice(`${runKeys.folder(run)}/`.length), bytes: await store.get(key) })),
  );
  expect(finished.length).toBeGreaterThan(12);
});

async function putRun(store: Store, run: string, which: (name: string) => boolean = () => true) {
  for (const { name, bytes } of finished) if (which(name)) await store.putIfAbsent(runKeys.result(run, name), bytes);
}

type Night = Pick<IndexedAudit, 'date'> & Partial<Pick<IndexedAudit, 'outcome' | 'run' | 'skipped'>>;

const night = (of: Night) => ({
  ...{ outcome: 'passed' as const, reason: 'All gates passed.', model: 'm.onnx', audited: null, run: null },
  ...{ generation: null, summary: null },
  ...of,
});

const putIndex = (store: Store, line: string, nights: Night[]) => {
  const audits = nights.map((of) => ({ ...night(of), asked: '0'.repeat(64) }));
  return store.update(auditKeys.index(line), () => recordBytes({ version: 1, line, audits }));
};

async function putAudit(store: Store, line: string, of: Night, baseline?: string) {
  const compared = { pinned: true, examples: 100, comparison: null, differs: [] };
  const record: Audit = {
    ...{ version: 1, line, ...night(of), gates: [], asked: '0'.repeat(64) },
    baseline: baseline === undefined ? null : { run: baseline, ...compared },
  };
  await store.putIfAbsent(auditKeys.audit(line, of.date), recordBytes(record));
}

/** A store with runs of every kind, and which of them stay. */
async function fill(store: Store): Promise<Record<string, string>> {
  for (const run of [
    'old',
    'signed',
    'retried',
    'pinned',
    'last-good',
    'bad',
    'unindexed',
    'skipped-to',
    'forgotten',
    'studied',
  ])
    await putRun(store, run);
  await signRun({ store, run: 'signed', privateKey });
  for (const name of ['shards/00002.jsonl', 'summary.json', 'manifest.json', 'signature.json'])
    await store.putIfAbsent(runKeys.result('retried', name, 3), bytesOf('{}'));
  await putRun(store, 'unfinished', (name) => /^(commitment|plan|shards)/.test(name));
  await putRun(store, 'committed', (name) => name === 'commitment.json');
  await store.putIfAbsent('runs/notes/todo.txt', bytesOf('not a run'));
  await putRun(store, 'finished-lately', (name) => name !== 'metrics.json');
  await store.putIfAbsent('runs/finished-lately/metrics.json', recordBytes({ finishedAt: daysAgo(29).toISOString() }));
  await putRun(store, 'planned-lately', (name) => name === 'commitment.json');
  await store.putIfAbsent(
    'runs/planned-lately/plan.json',
    recordBytes({ execution: { createdAt: daysAgo(29).toISOString() } }),
  );
  const nightly: Night[] = [
    { date: dateOf(90), run: 'forgotten' },
    { date: dateOf(80), run: 'last-good' },
    { date: dateOf(70), run: 'bad', outcome: 'failed' },
  ];
  for (const audit of nightly) await putAudit(store, 'nightly', audit, audit.run === 'bad' ? 'pinned' : undefined);
  await putIndex(store, 'nightly', nightly);
  // Another's night: its record is there, and the index doesn't have it yet.
  await putAudit(store, 'new', { date: dateOf(1), run: 'unindexed' });
  // Its record is lost.
  await putIndex(store, 'skipping', [{ date: dateOf(80), skipped: dateOf(81), run: 'skipped-to' }]);
  const study: Study = { version: 1, study: 'sigmas', runs: [{ ...studyRun, run: 'studied' }] };
  await store.putIfAbsent(studyKeys.record('sigmas'), recordBytes(study));
  return {
    signed: 'signed',
    retried: 'signed',
    pinned: 'baseline',
    'last-good': 'nextBaseline',
    unindexed: 'nextBaseline',
    'skipped-to': 'nextBaseline',
    studied: 'studied',
    'finished-lately': 'young',
    'planned-lately': 'young',
    notes: 'noRun',
  };
}

const going = ['bad', 'committed', 'forgotten', 'old', 'unfinished'];
const runOf = (key: string) => /^runs\/([^/]+)\//.exec(key)?.[1] ?? '';
const fatesOf = (fates: readonly RunFate[]) =>
  Object.fromEntries(fates.map(({ run, fate, reason }) => [run, fate === 'stays' ? reason.kind : fate]));
const allAs = (runs: readonly string[], fate: string) => Object.fromEntries(runs.map((run) => [run, fate]));

describe.each(['a folder', 'a bucket'])('garbage in %s', (place) => {
  const openFresh = async () =>
    openStore(place === 'a folder' ? temporaryFolder() : `s3://${await createBucket({ server })}/out`, { s3 });

  it('is found, and left alone unless it is to be removed', async () => {
    const store = await openFresh();
    const stay = await fill(store);
    const before = await store.list('');
    const told: string[] = [];
    const fates = await collectGarbage({ store, now, keepMs, remove: false, onRun: ({ run }) => told.push(run) });
    expect(fatesOf(fates)).toEqual({ ...stay, ...allAs(going, 'goes') });
    expect(told).toEqual([...Object.keys(stay).sort(), ...going]);
    expect(await store.list('')).toEqual(before);
    const old = fates.find(({ run }) => run === 'old');
    expect(old?.objects).toBe(finished.length);
    expect(old?.bytes).toBe(finished.reduce((sum, { bytes }) => sum + bytes.length, 0));
  });

  it('is deleted, and nothing else', async () => {
    const store = await openFresh();
    const stay = await fill(store);
    const before = await store.list('');
    const fates = await collectGarbage({ store, now, keepMs, remove: true });
    expect(fatesOf(fates)).toEqual({ ...stay, ...allAs(going, 'deleted') });
    expect(await store.list('')).toEqual(before.filter((key) => !going.includes(runOf(key))));
    expect(await store.folders('runs/')).toEqual(Object.keys(stay).sort());
    expect(fatesOf(await collectGarbage({ store, now, keepMs, remove: true }))).toEqual(stay);
  });

  it('is deleted by two collectors at once', async () => {
    const store = await openFresh();
    const stay = await fill(store);
    const both = await Promise.all([1, 2].map(() => collectGarbage({ store, now, keepMs, remove: true })));
    expect(await store.folders('runs/')).toEqual(Object.keys(stay).sort());
    for (const fates of both) {
      for (const run of going) expect(fatesOf(fates)[run]).toMatch(/^(deleted|gone)$/);
      expect(fatesOf(fates)).toMatchObject(stay);
    }
  });

  it('stays where it was signed, named by an audit, or written to since it was found', async () => {
    const store = await openFresh();
    await fill(store);
    const fates = await collectGarbage({
      store: doingBefore(store, 'runs/bad/manifest.json', async () => {
        await signRun({ store, run: 'old', privateKey });
        await putAudit(store, 'another', { date: dateOf(0) }, 'forgotten');
        const createdAt = now.toISOString();
        await store.putIfAbsent('runs/unfinished/generations/2/metrics.json', recordBytes({ finishedAt: createdAt }));
      }),
      ...{ now, keepMs, remove: true },
    });
    expect(fatesOf(fates)).toMatchObject({
      ...{ bad: 'deleted', committed: 'deleted', old: 'signed', forgotten: 'baseline', unfinished: 'young' },
    });
    const left = await store.list('runs/old/');
    expect(left).toHaveLength(finished.length + 1);
  });

  it('is no half of a run that looks whole, wherever a collector dies, and goes with the next one', async () => {
    const store = await openFresh();
    await putRun(store, 'r', (name) => !/^shards\/0000[2-9]/.test(name));
    for (const name of ['shards/00002.jsonl', 'summary.json', 'manifest.json'])
      await store.putIfAbsent(runKeys.result('r', name, 2), bytesOf('{}'));
    const whole = (await store.list('')).length;
    for (let removals = 0; removals < whole; removals += 1) {
      // Each goes on where the one before died.
      await expect(collectGarbage({ store: dyingAfter(store, 1), now, keepMs, remove: true })).rejects.toThrow('died');
      const left = await store.list('runs/r/');
      expect(left).toHaveLength(whole - 1 - removals);
      const manifests = left.filter((key) => key.endsWith('manifest.json'));
      if (removals >= 2) expect(manifests).toEqual([]);
      // The first generation is whole as long as it has its manifest.
      if (manifests.length > 0) expect(left.filter((key) => !key.includes('generations/')).length).toBe(whole - 3);
      if (left.length > 0) expect(left).toContain('runs/r/plan.json');
    }
    expect(await collectGarbage({ store, now, keepMs, remove: true })).toEqual([]);
  });

  it('is not touched where an index of audits, or a record, cannot be read', async () => {
    const store = await openFresh();
    await fill(store);
    const before = await store.list('');
    const message = expect.stringMatching(
      /audits\/broken\/.*\.json can't be read as a record of audits: mend it/,
    ) as string;
    const collected = () => collectGarbage({ store, now, keepMs, remove: true });
    await store.putIfAbsent(auditKeys.index('broken'), bytesOf('{"version":1,"line":"broken","audits":[{}]}'));
    await expect(collected()).rejects.toMatchObject({ code: 'InvalidRequest', message });
    await store.remove(auditKeys.index('broken'));
    await store.putIfAbsent(auditKeys.audit('broken', dateOf(3_000)), bytesOf('{"version":2'));
    await expect(collected()).rejects.toMatchObject({ code: 'InvalidRequest', message });
    await store.remove(auditKeys.audit('broken', dateOf(3_000)));
    expect(await store.list('')).toEqual(before);
    expect(fatesOf(await collected())).toMatchObject(allAs(going, 'deleted'));
  });
});

/** A store that does something before an object is removed for the first time. */
function doingBefore(store: Store, key: string, act: () => Promise<void>): Store {
  let done = false;
  return {
    ...store,
    remove: async (removed) => {
      if (removed === key && !done) {
        done = true;
        await act();
      }
      await store.remove(removed);
    },
  };
}

/** A store whose process dies after so many removals. */
function dyingAfter(store: Store, removals: number): Store {
  let left = removals;
  return {
    ...store,
    remove: async (key) => {
      if (left <= 0) throw new Error('died');
      left -= 1;
      await store.remove(key);
      if (left === 0) throw new Error('died');
    },
  };
}

describe('garbage', () => {
  it('in a folder goes with what killed writers left of it, and with its folders', async () => {
    const out = temporaryFolder();
    const store = openStore(out);
    await putRun(store, 'r');
    await store.putIfAbsent(runKeys.result('r', 'shards/00001.jsonl', 2), bytesOf('{}'));
    mkdirSync(join(out, 'runs/r/generations/3'), { recursive: true });
    writeFileSync(join(out, 'runs/r/.perimeter-tmp-1'), 'half of a table');
    writeFileSync(join(out, 'runs/r/shards/.perimeter-tmp-2'), 'half of a shard');
    await collectGarbage({ store, now, keepMs, remove: true });
    expect(existsSync(join(out, 'runs/r'))).toBe(false);
  });

  it('that may not be deleted is refused with a sentence that names the run, and the others go', async () => {
    Object.assign(process.env, s3Environment(server));
    const bucket = await createBucket({ server });
    const principal = { AWS: [server.sampler.accessKeyId] };
    const allow = (Action: string[], ...paths: string[]) => ({
      ...{ Effect: 'Allow', Principal: principal, Action },
      Resource: paths.map((path) => `arn:aws:s3:::${bucket}${path}`),
    });
    const Statement = [
      allow(['s3:ListBucket'], ''),
      allow(['s3:GetObject'], '/*'),
      allow(['s3:DeleteObject'], '/out/runs/a/*', '/out/runs/c/*', '/out/runs/d/manifest.json'),
    ];
    await s3.send(
      new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
    const store = openStore(`s3://${bucket}/out`, { s3 });
    for (const run of ['a', 'b', 'c', 'd']) await putRun(store, run);
    const before = await store.list('');
    const limited = openStore(`s3://${bucket}/out`, {
      s3: createS3Client({ endpoint: server.endpoint, credentials: server.sampler }),
    });
    const fates = await collectGarbage({ store: limited, now, keepMs, remove: true });
    expect(fatesOf(fates)).toEqual({ a: 'deleted', b: 'refused', c: 'deleted', d: 'refused' });
    expect(fates.find(({ run }) => run === 'b')).toMatchObject({
      refusal: `Run b could not be deleted: The store refused DeleteObject on s3://${bucket}/out/runs/b/manifest.json: access is denied: allow it in the policy of the user or of the bucket.`,
    });
    expect(await store.list('')).toEqual(
      before.filter((key) => ['b', 'd'].includes(runOf(key)) && !key.endsWith('d/manifest.json')),
    );
  });
});
