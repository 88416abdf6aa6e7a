import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { indexAudit, readAudit, readAuditIndex } from '../../certification/audits/audit-index.ts';
import type { AuditAsked } from '../../certification/audits/audit-asked.ts';
import { beginAudit } from '../../certification/audits/begin-audit.ts';
import { concludeAudit } from '../../certification/audits/conclude-audit.ts';
import { certifyDataset } from '../../certification/certify-dataset.ts';
import { gatesSchema, type Audit } from '../../certification/records/audit.ts';
import { auditKeys } from '../../certification/records/audit-keys.ts';
import type { Norm } from '../../certification/records/norm.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createBucket } from '../support/create-bucket.ts';
import { s3Environment } from '../support/s3-environment.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GATES = gatesSchema.parse({ drop: { radii: [0.25], atMost: 1 } });
/** Laws of the probability of the top class: of a good model, a better one, and one that is plainly worse. */
const GOOD = { a: 20, b: 1 };
const BETTER = { a: 30, b: 1 };
const BAD = { a: 5, b: 2 };
const day = (number: number) => `2026-04-${String(number).padStart(2, '0')}T020000Z`;

let out: string;

type AuditOptions = { pA?: typeof GOOD; stub?: object; norm?: Norm } & Partial<AuditAsked>;

/** Audits a law, as the workflow does, in this process. */
async function audit(line: string, date: string, options: AuditOptions = {}) {
  const { asked: whole, begun, run, store } = await begin(line, date, options);
  const audited = await concludeAudit(store, { asked: whole, begun, run, generation: begun.same?.generation ?? 1 });
  await indexAudit(store, audited);
  return audited;
}

async function begin(line: string, date: string, { pA = GOOD, stub = {}, norm, ...more }: AuditOptions = {}) {
  const store = openStore(out);
  const request = stubRequest({ stub: { examples: 200, classes: 4, pA, ...stub }, norm, out });
  const asked: AuditAsked = { line, date, request, gates: GATES, baseline: 'last', ...more };
  const begun = await beginAudit(store, asked);
  const run = begun.same?.run ?? `${line}-${date}`;
  if (begun.same === undefined) await certifyDataset({ ...request, run }, { processes: 1 });
  return { store, asked, begun, run };
}

beforeAll(() => {
  out = temporaryFolder(afterAll);
});

describe('an audit', () => {
  it('of a line without any has no baseline, and is the next one’s', async () => {
    const first = await audit('first', day(1));
    expect(first).toMatchObject({
      outcome: 'passed',
      baseline: null,
      gates: [{ gate: 'drop', observed: null, verdict: 'pass' }],
    });
    expect(await openStore(out).has(auditKeys.report('first', day(1)))).toBe(false);
    const second = await audit('first', day(2), { pA: BETTER });
    const page = readFileSync(join(out, auditKeys.report('first', day(2))), 'utf8');
    expect(page).toContain('baseline 2026-04-01, 02:00 UTC');
    const link = /href="([^"]*)metrics\.json"/.exec(page)?.[1] ?? '';
    const linked = join(out, auditKeys.report('first', day(2)), '..', link, 'metrics.json');
    expect(linked).toBe(join(out, 'runs', second.run ?? '', 'metrics.json'));
    expect(existsSync(linked)).toBe(true);
    expect(second.baseline).toMatchObject({ run: first.run, date: first.date, pinned: false, differs: ['stub'] });
  });

  it('is compared with the last that did not fail, and before its own date', async () => {
    const good = await audit('last', day(1));
    const bad = await audit('last', day(2), { pA: BAD });
    expect(bad).toMatchObject({ outcome: 'failed', baseline: { run: good.run } });
    const better = await audit('last', day(3), { pA: BETTER });
    expect(better.baseline?.run).toBe(good.run);
    const between = await audit('last', day(2).replace('0200', '0300'), { pA: { a: 25, b: 1 } });
    expect(between.baseline?.run).toBe(good.run);
    const { audits } = await readAuditIndex(openStore(out), 'last');
    expect(audits.map(({ date }) => date)).toEqual([good.date, bad.date, between.date, better.date]);
  });

  it('is compared with a pinned run, however well the last one did', async () => {
    const good = await audit('pinned', day(1), { pA: BETTER });
    await audit('pinned', day(2), { pA: GOOD });
    const third = await audit('pinned', day(3), { pA: { a: 21, b: 1 }, baseline: { run: good.run ?? '' } });
    expect(third.baseline).toMatchObject({ run: good.run, pinned: true });
  });

  it('is not compared with other examples, nor with a run that is gone', async () => {
    await audit('other', day(1));
    const other = await audit('other', day(2), { stub: { examples: 150 } });
    expect(other).toMatchObject({ outcome: 'undecided', baseline: { comparison: null } });
    expect(other.reason).toContain('is of other examples');
    const gone = await audit('other', day(3), { pA: BETTER, baseline: { run: 'deleted' } });
    expect(gone).toMatchObject({ outcome: 'undecided', baseline: null });
    expect(gone.reason).toBe('The baseline, run deleted, has no results in the store any more.');
  });

  it('is not compared with radii of another norm, and says how the two differ', async () => {
    const first = await audit('norms', day(1));
    const other = await audit('norms', day(2), { norm: 'l1' });
    expect(other).toMatchObject({ outcome: 'undecided', baseline: { run: first.run, comparison: null } });
    expect(other.baseline?.differs).toContain('norm');
    expect(other.reason).toContain('has ℓ2 radii and this run ℓ1 ones');
    expect(other.summary).toMatchObject({ norm: 'l1', sigma: 0.5 });
    expect(existsSync(join(out, auditKeys.report('norms', day(2))))).toBe(false);
  });

  it('of what was audited already is the earlier one again, also where that failed', async () => {
    await audit('again', day(1));
    const failed = await audit('again', day(2), { pA: BAD });
    const skipped = await audit('again', day(3), { pA: BAD });
    expect(skipped).toEqual({ ...failed, date: day(3), skipped: day(2) });
    const third = await audit('again', day(4), { pA: BAD });
    expect(third.skipped).toBe(day(2));
  });

  it('with other gates judges the run that is there, and draws nothing', async () => {
    const first = await audit('gates', day(1));
    // A radius that so few samples never reach.
    const strict = gatesSchema.parse({ certifiedAccuracy: [{ radius: 1.5, atLeast: 0.5 }] });
    const second = await audit('gates', day(2), { gates: strict });
    expect(second).toMatchObject({ run: first.run, outcome: 'failed' });
    expect(second.skipped).toBeUndefined();
    expect((await openStore(out).folders('runs/')).filter((run) => run.startsWith('gates'))).toEqual([first.run]);
  });

  it('of another seed, sigma or n is another one; of another shard size or place it is the same', async () => {
    await audit('request', day(1));
    const asked = async (more: object) => {
      const request = stubRequest({ stub: { examples: 200, classes: 4, pA: GOOD }, out, ...more });
      const input: AuditAsked = { line: 'request', date: day(2), request, gates: GATES, baseline: 'last' };
      return (await beginAudit(openStore(out), input)).same !== undefined;
    };
    expect(await asked({ shardSize: 8, concurrency: 3, maxFailedShare: 0.5 })).toBe(true);
    expect(await asked({ seed: 'another' })).toBe(false);
    expect(await asked({ sigma: 0.25 })).toBe(false);
    expect(await asked({ n: 300 })).toBe(false);
  });

  it('that came to nothing says why, and is nobody’s baseline', async () => {
    const store = openStore(out);
    const { asked } = await begin('nothing', day(1));
    const error = await concludeAudit(store, { asked, error: 'There is no model.' });
    expect(error).toMatchObject({ outcome: 'error', reason: 'There is no model.', run: null, audited: null });
    expect((await audit('nothing', day(2), { pA: BETTER })).baseline).toBeNull();
  });

  it('concluded twice, and by others meanwhile, is what it was first', async () => {
    const { store, asked, begun, run } = await begin('twice', day(1));
    const conclude = async () => {
      const audited = await concludeAudit(store, { asked, begun, run, generation: 1 });
      await indexAudit(store, audited);
      return audited;
    };
    const [one, two] = await Promise.all([conclude(), conclude()]);
    expect(two).toEqual(one);
    const bytes = readFileSync(join(out, auditKeys.audit('twice', day(1))));
    await concludeAudit(store, { asked, error: 'Too late.' });
    expect(readFileSync(join(out, auditKeys.audit('twice', day(1))))).toEqual(bytes);
    expect((await readAuditIndex(store, 'twice')).audits).toHaveLength(1);
  });

  it('is no longer an error once another attempt of its date has come to something', async () => {
    const { store, asked, begun, run } = await begin('mended', day(1));
    const error = await concludeAudit(store, { asked, begun, run, error: 'It took too long.' });
    expect(error).toMatchObject({ outcome: 'error', run, generation: null });
    const mended = await concludeAudit(store, { asked, begun, run, generation: 1 });
    expect(mended).toMatchObject({ outcome: 'passed', run, generation: 1 });
    expect(await concludeAudit(store, { asked, error: 'Late.' })).toEqual(mended);
  });

  it('of a model that is rolled back is judged anew against the better one', async () => {
    const worse = await audit('rolled-back', day(1), { pA: BAD });
    const better = await audit('rolled-back', day(2), { pA: BETTER });
    expect([worse.outcome, better.outcome]).toEqual(['passed', 'passed']);
    const back = await audit('rolled-back', day(3), { pA: BAD });
    expect(back).toMatchObject({ outcome: 'failed', run: worse.run, baseline: { run: better.run } });
    expect(back.skipped).toBeUndefined();
    expect((await audit('rolled-back', day(4), { pA: BAD })).skipped).toBe(day(3));
  });

  it('that is asked again with other gates keeps its verdict, and what it was asked', async () => {
    const strict = gatesSchema.parse({ certifiedAccuracy: [{ radius: 0.25, atLeast: 0.9999 }] });
    const first = await audit('asked', day(1));
    expect(await audit('asked', day(1), { gates: strict })).toEqual(first);
    const next = await audit('asked', day(2), { gates: strict });
    expect(next.skipped).toBeUndefined();
    expect(next.gates.map(({ gate }) => gate)).toEqual(['certifiedAccuracy']);
  });

  it('whose baseline can’t be read is undecided, and says why', async () => {
    const store = openStore(out);
    const predicted = stubRequest({ mode: 'predict', out, run: 'predicted', stub: { examples: 200, classes: 4 } });
    await certifyDataset(predicted, { processes: 1 });
    const pinned = await audit('unreadable', day(1), { baseline: { run: 'predicted' } });
    expect(pinned).toMatchObject({ outcome: 'undecided', baseline: null });
    expect(pinned.reason).toMatch(/^The baseline, run predicted, can't be compared with: Run predicted is of PREDICT/);
    const { run } = await audit('unreadable', day(2), { pA: BETTER });
    await store.update(`runs/${run ?? ''}/summary.json`, () => new TextEncoder().encode('{}'));
    const damaged = await audit('unreadable', day(3), { pA: { a: 25, b: 1 } });
    expect(damaged.reason).toMatch(/summary\.json can't be read: it was changed/);
  });

  it('is stopped by an index that is damaged, which stays as it is', async () => {
    const store = openStore(out);
    await audit('damaged', day(1));
    await store.update(auditKeys.index('damaged'), () => new TextEncoder().encode('{"version":1'));
    await expect(audit('damaged', day(2))).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringContaining("index.json can't be read as a record of audits") as string,
    });
    expect(new TextDecoder().decode(await store.get(auditKeys.index('damaged')))).toBe('{"version":1');
  });
});

describe('audits of a line that end at once', () => {
  it.each(['a folder', 'a bucket'])('all find their place in its index, in %s', async (where) => {
    let store = openStore(temporaryFolder(afterAll));
    if (where === 'a bucket') {
      Object.assign(process.env, s3Environment(inject('s3')));
      store = openStore(`s3://${await createBucket({ server: inject('s3') })}/audits-at-once`);
    }
    const { asked } = await begin('race', day(1));
    const dates = Array.from({ length: 16 }, (_, at) => day(at + 1));
    const ended: Audit[] = await Promise.all(
      dates.map(async (date) => {
        const audited = await concludeAudit(store, { asked: { ...asked, date }, error: `Night ${date}.` });
        await indexAudit(store, audited);
        return audited;
      }),
    );
    const { audits } = await readAuditIndex(store, 'race');
    expect(audits.map(({ date, reason }) => ({ date, reason }))).toEqual(
      ended.map(({ date, reason }) => ({ date, reason })),
    );
    expect(await readAudit(store, 'race', day(7))).toEqual(ended[6]);
  });
});
