import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readSummary } from '../../certification/read-summary.ts';
import { auditKeys } from '../../certification/records/audit-keys.ts';
import { auditIndexSchema } from '../../certification/records/audit.ts';
import { signRun } from '../../certification/sign-run.ts';
import { keyFingerprint } from '../../certification/signing/key-fingerprint.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { createPublicKey } from 'node:crypto';
import { LIMITS, nightDate, putAudits, story } from '../support/put-audits.ts';
import { runLocally } from '../support/run-locally.ts';
import { startServe, type ServeCli } from '../support/serve-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FAILED_NIGHT = 27;
const HOSTILE = '<script>alert(1)</script>&"\'';

/** A page's text as a reader sees it. */
function read(page: string): string {
  const texts = page.replace(/<(script|style)[^]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ');
  const plain = texts
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'");
  return plain.replace(/&amp;/g, '&').replace(/\s+/g, ' ').trim();
}

describe('a store with audits and runs', () => {
  let out: string;
  let server: ServeCli;
  const keys = newKeyPair();
  const idOf = (minute: number) => `20260101-02${String(minute).padStart(2, '0')}00-3f9a1c`;

  beforeAll(async () => {
    out = temporaryFolder(afterAll);
    const store = openStore(out);
    const request = (run: string, more: object = {}) =>
      stubRequest({ out, run, seed: run, stub: { examples: 40 }, n0: 5, n: 60, ...more });
    for (let minute = 0; minute < 25; minute += 1) await runLocally(request(idOf(minute)));
    await runLocally(request('nightly-9'));
    await runLocally(request('nightly-10', { n: 1_000 }));
    await runLocally(request('guessed', { mode: 'predict' }));
    await signRun({ store, run: 'nightly-10', privateKey: keys.privateKey });
    await putAudits(store, { line: 'fashion-mnist', nights: story() });
    await putAudits(store, {
      line: 'hostile',
      nights: [{ outcome: 'error', reason: HOSTILE, model: `file:///models/${HOSTILE}` }],
    });
    // One that stopped before it published, one whose plan is none, and what isn't a run's folder at all.
    await runLocally(request('stopped'));
    rmSync(join(out, 'runs/stopped/manifest.json'));
    mkdirSync(join(out, 'runs/broken'));
    writeFileSync(join(out, 'runs/broken/plan.json'), '{"run": 1}');
    mkdirSync(join(out, 'runs/not a run'));
    mkdirSync(join(out, 'audits/torn'), { recursive: true });
    writeFileSync(join(out, 'audits/torn/index.json'), '[');
    server = await startServe({ out }, afterAll);
  });

  it('lists runs a page at a time, the newest first, with what they found', async () => {
    const first = (await server.json('/api/runs')) as { runs: { run: string }[]; pages: number; total: number };
    expect([first.pages, first.total]).toEqual([2, 30]);
    expect(first.runs.map(({ run }) => run)).toEqual(Array.from({ length: 25 }, (_, at) => idOf(24 - at)));
    const second = (await server.json('/api/runs?page=2')) as { runs: { run: string; state: string }[] };
    expect(second.runs.map(({ run, state }) => [run, state])).toEqual([
      ['stopped', 'unfinished'],
      ['nightly-10', 'finished'],
      ['nightly-9', 'finished'],
      ['guessed', 'finished'],
      ['broken', 'unreadable'],
    ]);
    const store = openStore(out);
    const { summary } = await readSummary(store, 'nightly-10');
    if (summary.mode === 'predict') throw new Error('expected certificates');
    const certified = summary.curve.find(({ radius }) => radius === 0.25)?.certified;
    expect(second.runs[1]).toMatchObject({ certified, sigma: 0.5, examples: 40, mode: 'fixed', failed: 0 });
    const { summary: guessed } = await readSummary(store, 'guessed');
    if (guessed.mode !== 'predict') throw new Error('expected predictions');
    expect(second.runs[3]).toMatchObject({ accurate: Math.round(40 * guessed.accuracy), certified: null });
    const page = read(await server.text('/runs?page=2'));
    expect(page).toContain(
      `nightly-10 finished stub simulated stub σ = 0.5 40 ${((100 * (certified ?? 0)) / 40).toFixed(2)} %`,
    );
    expect(page).toContain('Page 2 of 2');
    expect(page).not.toContain('not a run');
    expect(page).toContain('Runs under way aren’t known here: the server was started with --no-temporal.');
    expect(read(await server.text('/runs?page=99'))).toContain('Page 2 of 2');
    expect(read(await server.text('/runs?page=-1'))).toContain('Page 1 of 2');
  });

  it('lists the lines with their last audit', async () => {
    const page = read(await server.text('/'));
    expect(page).toContain('fashion-mnist passed 0.00 88.80 % 0.25 84.20 % 0.50 76.00 %');
    expect(page).toContain('hostile error no results');
    expect(page).toMatch(/torn .*audits\/torn\/index\.json can't be read as a record of audits/);
    expect(await server.text('/')).toContain(
      'aria-label="Certified accuracy at radius 0.25 over 30 nights, 1 of them failed"',
    );
    expect(await server.json('/api/audits')).toMatchObject({
      total: 3,
      lines: [
        { line: 'fashion-mnist', audits: 30, last: { outcome: 'passed' } },
        { line: 'hostile' },
        { line: 'torn' },
      ],
    });
  });

  it("shows a line's nights, and draws them with the limits of the gates", async () => {
    const html = await server.text('/audits/fashion-mnist');
    const page = read(html);
    expect(page).toContain('2026-11-25 02:00 UTC failed 80.40 % 72.20 % 59.60 % Certified accuracy at 0.25 is 72.2 %');
    expect(page).toContain('2026-11-17 02:00 UTC skipped 88.80 %');
    expect(page).toContain('2026-11-12 02:00 UTC undecided');
    expect(page).toContain('2026-11-07 02:00 UTC error – – –');
    const [chart = '', ...others] = html.match(/<svg[^>]* class="chart (broad|narrow)"[^]*?<\/svg>/g) ?? [];
    expect(others).toHaveLength(1);
    expect(chart).toContain(
      'aria-label="Certified accuracy over 30 nights, 1 of them failed; in the last results 88.80 % at radius 0.00, 84.20 % at radius 0.25, 76.00 % at radius 0.50."',
    );
    // Lines in the page's own colours; a dashed one for each radius that has a gate.
    const strokes = (dashed: boolean) =>
      [...chart.matchAll(/<path[^>]*stroke="var\(--series-(\d)\)"[^>]*>/g)]
        .filter(([path]) => path.includes('stroke-dasharray') === dashed)
        .map(([, series]) => series);
    expect(new Set(strokes(false))).toEqual(new Set(['1', '2', '3']));
    expect(strokes(true)).toEqual(Object.keys(LIMITS).map((_, at) => String(at + 2)));
    expect(await server.json('/api/audits/fashion-mnist')).toEqual(
      auditIndexSchema.parse(
        JSON.parse(new TextDecoder().decode(await openStore(out).get(auditKeys.index('fashion-mnist')))),
      ),
    );
  });

  it('shows an audit with its gates and its baseline', async () => {
    const date = nightDate(FAILED_NIGHT);
    const page = read(await server.text(`/audits/fashion-mnist/${date}`));
    expect(page).toContain('certified accuracy at 0.25 fail ≥ 80.00 % 72.20 % 69.20 – 74.20 % –');
    expect(page).toContain('fashion-mnist-2026-11-24T020000Z of 2026-11-24 02:00 UTC , the last audit that passed');
    expect(page).toContain('0.25 361 425 66 2 5.4e-20 1.1e-19');
    expect(page).not.toContain('The run’s page, with its baseline');
    await openStore(out).putIfAbsent(auditKeys.report('fashion-mnist', date), new TextEncoder().encode('<p>compared'));
    expect(read(await server.text(`/audits/fashion-mnist/${date}`))).toContain('The run’s page, with its baseline');
    expect(await server.text(`/audits/fashion-mnist/${date}/report.html`)).toBe('<p>compared');
    const skipped = await server.text(`/audits/fashion-mnist/${nightDate(19)}`);
    expect(skipped).toContain(`href="/audits/fashion-mnist/${nightDate(18)}"`);
  });

  it('shows a run: what it claims, what it found, who signed it, and its files', async () => {
    const html = await server.text('/runs/nightly-10');
    const page = read(html);
    const { summary, manifest } = await readSummary(openStore(out), 'nightly-10');
    expect(page).toContain('SIMULATED: no model was run');
    expect(page).toContain(`Claim, SHA-256 ${summary.claim}`);
    expect(page).toContain(`by the key ${keyFingerprint(createPublicKey(keys.privateKey))}`);
    expect(page).toContain('generation 1, the only one');
    for (const { key } of manifest.objects) expect(html).toContain(`href="/runs/nightly-10/files/${key}"`);
    expect(read(await server.text('/runs/nightly-9'))).toContain('Signature not signed');
    expect(read(await server.text('/runs/guessed'))).toContain('predicted');
    expect(read(await server.text('/runs/stopped'))).toContain('Not finished.');
    writeFileSync(join(out, 'runs/nightly-9/signature.json'), '{}');
    expect(read(await server.text('/runs/nightly-9'))).toMatch(/Signature not valid: /);
  });

  it('writes what people wrote as text, never as markup', async () => {
    for (const path of ['/', '/audits/hostile', `/audits/hostile/${nightDate(0)}`]) {
      const html = await server.text(path);
      expect(html).not.toContain('<script>alert');
      if (path !== '/') expect(read(html)).toContain(HOSTILE);
    }
  });

  it('says in one sentence what is not there, or can’t be read', async () => {
    const cases = [
      ['/nowhere', 404, 'There is nothing at this address.'],
      ['/runs/absent', 404, 'There is no run of that id in this store.'],
      ['/runs/absent/progress', 200, 'the server was started with --no-temporal.'],
      ['/runs/nightly-9/files/secret', 404, 'A run has no file of that name.'],
      ['/runs/nightly-9/files/generations/2/report.html', 404, 'There is no object file:'],
      ['/audits/absent', 404, 'There is no line of that name in this store.'],
      ['/audits/fashion-mnist/2020-01-01T000000Z', 404, 'There is no audit of that line and date in this store.'],
      ['/audits/torn', 502, "can't be read as a record of audits"],
      ['/runs/broken', 502, 'is not a plan that this version reads'],
    ] as const;
    for (const [path, status, sentence] of cases) {
      const answer = await server.get(path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(read(await answer.text())).toContain(sentence);
    }
    expect(await server.json('/api/runs/absent')).toEqual({ error: 'There is no run of that id in this store.' });
    expect(await server.json('/api/nowhere')).toEqual({ error: 'There is nothing at this address.' });
  });
});

it('shows a store that is empty, and then what comes into it', async () => {
  const out = join(temporaryFolder(), 'later');
  const server = await startServe({ out }, onTestFinished);
  expect(read(await server.text('/'))).toContain('No audits yet');
  expect(read(await server.text('/runs'))).toContain('No runs yet');
  expect((await server.get('/runs/r1/files/plan.json')).status).toBe(404);
  await runLocally(stubRequest({ out, run: 'r1' }));
  expect(read(await server.text('/'))).toContain('r1 finished');
  expect((await server.get('/runs/r1/files/plan.json')).status).toBe(200);
});
