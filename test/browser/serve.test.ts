import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { auditKeys } from '../../certification/records/audit-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { startBrowser } from '../support/browser.ts';
import { startCluster } from '../support/cluster.ts';
import { nightDate, putAudits, story } from '../support/put-audits.ts';
import { runLocally } from '../support/run-locally.ts';
import { startServe, type ServeCli } from '../support/serve-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { untilPolled } from '../support/until-polled.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 400, height: 800 } };
const TOKEN = 'a-token-of-some-length';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});

/** A page, and what went wrong in it: faults of scripts and styles, and requests that left for elsewhere. */
async function openPage(
  server: ServeCli,
  { colorScheme = 'light', size = 'wide' }: { colorScheme?: 'light' | 'dark'; size?: keyof typeof SIZES } = {},
) {
  const context = await browser.newContext({ colorScheme, viewport: SIZES[size] });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  context.on('weberror', (error) => faults.push(error.error().message));
  context.on('request', (request) => {
    if (!request.url().startsWith(server.origin)) faults.push(`request to ${request.url()}`);
  });
  return { page, context, faults, go: (path: string) => page.goto(server.origin + path) };
}

/** What axe finds that keeps people out. axe is put in by the browser's debugger, past the page's own policy. */
async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe('pages in Chromium', () => {
  let server: ServeCli;
  let out: string;
  const failed = nightDate(27);

  beforeAll(async () => {
    out = temporaryFolder(afterAll);
    await runLocally(stubRequest({ out, run: 'first' }));
    await runLocally(stubRequest({ out, run: 'guessed', mode: 'predict' }));
    await putAudits(openStore(out), { line: 'fashion-mnist', nights: story() });
    server = await startServe({ out }, afterAll);
  });

  it.each([
    ['light', 'wide'],
    ['dark', 'wide'],
    ['light', 'narrow'],
    ['dark', 'narrow'],
  ] as const)('are free of faults: %s, %s', async (colorScheme, size) => {
    const { page, faults, go } = await openPage(server, { colorScheme, size });
    for (const path of [
      '/',
      '/runs',
      '/audits',
      '/audits/fashion-mnist',
      `/audits/fashion-mnist/${failed}`,
      '/runs/first',
      '/runs/guessed',
    ]) {
      await go(path);
      expect([path, await seriousFaults(page)]).toEqual([path, []]);
      // Tables scroll by themselves; the page doesn't.
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([path, overflow]).toEqual([path, 0]);
    }
    expect(faults).toEqual([]);
  });

  it('draws a line’s history in colours that follow light and dark, one chart for each width', async () => {
    const colours = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const size of ['wide', 'narrow'] as const) {
        const { page, go } = await openPage(server, { colorScheme, size });
        await go('/audits/fashion-mnist');
        const charts = page.locator('figure svg.chart:visible');
        expect(await charts.count()).toBe(1);
        const box = await charts.boundingBox();
        expect(box?.width).toBeGreaterThan(SIZES[size].width * 0.7);
        expect(box?.height).toBeGreaterThan(200);
        const lines = `[...document.querySelectorAll('.chart path[stroke="var(--series-2)"]')]`;
        colours.add(
          await page.evaluate<string>(`getComputedStyle(${lines}.find((path) => path.checkVisibility())).stroke`),
        );
      }
    }
    expect([...colours]).toEqual(['rgb(15, 118, 110)', 'rgb(94, 200, 189)']);
  });

  it('leads by the keyboard from the start to what failed', async () => {
    const { page, go } = await openPage(server);
    await go('/');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content');
    await page.locator('a', { hasText: 'fashion-mnist' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/audits/fashion-mnist');
    await page.locator('a', { hasText: '2026-11-25' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/${failed}`);
    expect(await page.locator('h1').textContent()).toContain('2026-11-25 02:00 UTC');
  });

  it("shows a run's page by itself: what is in the store can't reach the server's pages", async () => {
    const hostile = `<!doctype html><title>-</title><p id="said">nothing</p><a href="audit.json">next</a><script>
      const tried = [];
      for (const [name, attempt] of Object.entries({
        fetch: () => fetch('/api/runs').then((answer) => answer.text()),
        store: async () => localStorage.length,
        open: async () => { const other = open('/'); await new Promise((done) => setTimeout(done, 500)); return other.document.body.textContent; },
      })) tried.push(attempt().then(() => name + ' worked', () => name + ' failed'));
      Promise.all(tried).then((all) => { document.querySelector('#said').textContent = all.join(', '); });
    </script>`;
    await openStore(out).putIfAbsent(auditKeys.report('fashion-mnist', failed), new TextEncoder().encode(hostile));
    const { page, go } = await openPage(server);
    await go(`/audits/fashion-mnist/${failed}/report.html`);
    await page.locator('#said', { hasNotText: 'nothing' }).waitFor();
    expect(await page.locator('#said').textContent()).toBe('fetch failed, store failed, open failed');
    await page.locator('a').click();
    await page.waitForURL('**/audit.json');
    expect(await page.textContent('body')).toContain('"outcome"');
  });
});

it('logs in by the form, and goes on where a link from elsewhere leads', async () => {
  const out = temporaryFolder();
  await runLocally(stubRequest({ out, run: 'first' }));
  const server = await startServe(
    { out, args: ['--host', '0.0.0.0'], env: { PERIMETER_SERVE_TOKEN: TOKEN } },
    onTestFinished,
  );
  const { page, go } = await openPage(server);
  await go('/runs/first');
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByLabel('Token').fill('not-the-token-at-all');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/runs/first');
  await page.getByRole('heading', { name: 'Results' }).waitFor();
  // The strict cookie is kept back from a page that another site, or a sandboxed page of a run, leads to.
  await page.getByRole('link', { name: 'The run’s page' }).click();
  await page.waitForURL('**/report.html');
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<a id="back" href="../../first">back</a>')`);
  await page.locator('#back').click();
  await page.getByRole('heading', { name: 'Results' }).waitFor();
});

it('moves with a run, and shows its results when it is over', async () => {
  const cluster = await startCluster();
  const out = temporaryFolder();
  await cluster.startWorker({ role: 'control' });
  const sampler = await cluster.startWorker({ role: 'sampler' });
  await untilPolled(cluster.client, [sampler]);
  const server = await startServe({ out, address: cluster.address }, onTestFinished);
  const slow = { stub: { examples: 60, secondsPerSample: 0.001 }, shardSize: 4, concurrency: 2 };
  const { run, handle } = await cluster.startRun(stubRequest({ ...slow, out }));
  const { page, faults, go } = await openPage(server);
  await expect.poll(async () => (await go(`/runs/${run}`))?.status()).toBe(200);
  const value = async () => Number(await page.locator('progress').getAttribute('value', { timeout: 60_000 }));
  const first = await value();
  await expect.poll(value, { timeout: 60_000 }).toBeGreaterThan(first);
  await expect.poll(() => page.locator('[data-say]').textContent()).toMatch(/^running, \d+ % of the samples drawn\.$/);
  expect(await seriousFaults(page)).toEqual([]);
  await handle.result();
  await page.getByRole('heading', { name: 'Results' }).waitFor({ timeout: 30_000 });
  expect(faults).toEqual([]);
});
