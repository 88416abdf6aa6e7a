import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from '../../certification/records/certificate.ts';
import type { Claim } from '../../certification/records/claim.ts';
import { accuracyRows } from '../../certification/report/accuracy-rows.ts';
import { exampleColumns } from '../../certification/report/example-columns.ts';
import { weakestFirst } from '../../certification/report/order-examples.ts';
import { reportHtml, type ReportContent } from '../../certification/report/report-html.ts';
import { summarize } from '../../certification/report/summarize.ts';
import {
  failedCertificate,
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
} from '../report/sample-certificates.ts';
import { startBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXAMPLES = 10_000;
const THUMBNAILS = 400;
/** An interaction that takes longer is felt (the RAIL model's limit of a response). */
const SMOOTH_MS = 100;
const REPEATS = 9;

function contentOf(claim: Claim, rows: readonly Certificate[]): ReportContent {
  const { add, columns: examples } = exampleColumns(rows.length);
  rows.forEach(add);
  return { claim, examples, summary: summarize({ claim, claimDigest: 'c'.repeat(64), certificates: rows }) };
}

/** With a picture of each of the weakest examples: its position in the order is the grey of its first pixel. */
function illustrated(content: ReportContent): ReportContent {
  const indices = Array.from(
    weakestFirst(content.examples).subarray(0, THUMBNAILS),
    (at) => content.examples.index[at],
  );
  const pixels = new Uint8Array(indices.length * 28 * 28).fill(90);
  indices.forEach((_, at) => (pixels[at * 28 * 28] = at % 256));
  return { ...content, thumbnails: { width: 28, height: 28, channels: 1, indices, pixels } };
}

const claim = sampleClaim({ examples: EXAMPLES });
const rows = sampleCertificates(claim).map((row, at) => (at === 70 ? failedCertificate(row) : row));
const fixed = illustrated(contentOf(claim, rows));
const sequentialClaim = sampleSequentialClaim({ examples: 400, skipMisclassified: true });
const sequential = contentOf(sequentialClaim, sampleSequentialCertificates(sequentialClaim));
const shrunk = rows.map((row, at) =>
  row.correct && at % 3 === 0 ? { ...row, radius: row.radius / 2 } : at % 100 === 1 ? failedCertificate(row) : row,
);
const compared: ReportContent = {
  ...illustrated(contentOf(claim, shrunk)),
  baseline: { name: 'baseline 2026-11-26, 02:00 UTC', summary: fixed.summary, claim, examples: fixed.examples },
};

const pages = { fixed, sequential, compared };
type Name = keyof typeof pages;

let browser: Browser;
const urls = {} as Record<Name, string>;

beforeAll(async () => {
  browser = await startBrowser();
  const folder = temporaryFolder(afterAll);
  for (const [name, content] of Object.entries(pages)) {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, await reportHtml(content));
    urls[name as Name] = pathToFileURL(file).href;
  }
});

/** Opens a page, and tells what it asked for and complained of. */
async function open(name: Name, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(urls[name]);
  return { page, context, requests, complaints };
}

const header = (page: Page, name: string) => page.locator(`#examples th[data-key="${name}"]`);
const column = (page: Page, name: string) => page.locator(`#examples tbody .c-${name}`).allTextContents();
const shown = (page: Page) => page.locator('#shown').textContent();

/**
 * The middle of several times from an action to the frame that shows it, in milliseconds: the message that is sent in an
 * animation frame comes when that frame has been painted.
 *
 * @param act a function's expression in the page, called with 0, 1, ….
 */
async function middleTime(page: Page, act: string): Promise<number> {
  const times = await page.evaluate<number[]>(`(async () => {
    const act = ${act};
    const times = [];
    for (let at = 0; at < ${REPEATS}; at++) {
      const begun = performance.now();
      act(at);
      times.push(await new Promise((resolve) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - begun);
        port2.postMessage(0);
      })));
    }
    return times;
  })()`);
  return times.sort((a, b) => a - b)[Math.floor(REPEATS / 2)];
}

/** Faults that axe finds serious or critical, by rule and place. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  interface Found {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  }
  const { violations } = await page.evaluate<Found>('axe.run(document)');
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join('; ')}`);
}

describe('the curve of a page', () => {
  it.each(['fixed', 'sequential', 'compared'] as const)(
    'is seen, shows its values under the pointer, and asks for nothing: %s',
    async (name) => {
      const { page, context, requests, complaints } = await open(name);
      const { summary, baseline } = pages[name];
      const chart = page.locator('.chart.wide');
      const box = await chart.locator('svg').boundingBox();
      expect(box?.width).toBeGreaterThan(800);
      const slider = page.getByRole('slider');
      expect(await slider.count()).toBe(1);
      const plot = await slider.boundingBox();
      if (plot === null) throw new Error('There is nothing to point at.');
      const readout = chart.locator('.readout');
      expect(await readout.isVisible()).toBe(false);
      const end = summary.curve[summary.curve.length - 1].radius;
      for (const row of accuracyRows(summary)) {
        const across = Math.min((plot.width * Number(row.radius)) / end, plot.width - 1);
        await page.mouse.move(plot.x + across, plot.y + plot.height / 2);
        await readout.getByText(`radius ${row.radius}`, { exact: true }).waitFor();
        const text = await readout.innerText();
        for (const value of [row.accuracy, row.lower, row.wholeCurveLower]) expect(text).toContain(value);
        expect(text.includes('baseline')).toBe(baseline !== undefined);
        const own = accuracyRows((baseline ?? pages[name]).summary).find((each) => each.radius === row.radius);
        expect(text).toContain(own?.accuracy);
      }
      await page.mouse.move(5, 5);
      expect(await readout.isVisible()).toBe(false);
      expect(requests).toEqual([urls[name]]);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  it('is followed by the keyboard, in words for who can’t see it', async () => {
    const { page, context } = await open('compared');
    const slider = page.getByRole('slider');
    const said = () => slider.getAttribute('aria-valuetext');
    await slider.focus();
    await page.keyboard.press('Home');
    const [first] = accuracyRows(pages.compared.summary);
    const [before] = accuracyRows(fixed.summary);
    expect(await said()).toBe(
      `radius 0.00: ${first.accuracy}, ${Number(first.certified).toLocaleString('en-US')} of 10,000 certified; at least ${first.lower} at this radius; ` +
        `at least ${first.wholeCurveLower} at all radii; baseline 2026-11-26, 02:00 UTC ${before.accuracy}`,
    );
    await page.keyboard.press('ArrowRight');
    expect(await said()).toMatch(/^radius 0\.01: /);
    expect(await page.locator('.chart.wide .readout').innerText()).toContain('radius 0.01');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await said()).toMatch(/^radius 0\.00: /);
    await page.keyboard.press('End');
    expect(await slider.getAttribute('aria-valuenow')).toBe(await slider.getAttribute('aria-valuemax'));
    await page.keyboard.press('Escape');
    expect(await page.locator('.chart.wide .readout').isVisible()).toBe(false);
    await context.close();
  });

  it('has the colours of light and of dark, and letters that a telephone’s width leaves as they are', async () => {
    const colours: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, context } = await open('fixed', { colorScheme });
      const lines = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.chart.wide path')].map((path) => getComputedStyle(path).stroke)`,
      );
      colours.push(lines.filter((line) => line !== 'none').join());
      await context.close();
    }
    expect(colours[0]).toContain('rgb(31, 95, 168)');
    expect(colours[1]).toContain('rgb(116, 174, 240)');
    const { page, context } = await open('fixed', { viewport: { width: 400, height: 800 } });
    expect(await page.locator('.chart.wide').isVisible()).toBe(false);
    const narrow = await page.locator('.chart.narrow svg').boundingBox();
    const drawn = Number(await page.locator('.chart.narrow svg').getAttribute('width'));
    expect((narrow?.width ?? 0) / drawn).toBeGreaterThan(0.95);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await context.close();
  });
});

describe('the table of 10,000 examples', () => {
  it('begins as it is without a script, and holds few rows at a time', async () => {
    const still = await open('fixed', { javaScriptEnabled: false });
    const rowTexts = async (page: Page) =>
      (await page.locator('#examples tbody tr:not(.gap)').allInnerTexts()).slice(0, 30);
    const without = await rowTexts(still.page);
    expect(without).toHaveLength(30);
    expect(await still.page.locator('#filters').isVisible()).toBe(false);
    expect(await still.page.locator('.chart.wide svg').isVisible()).toBe(true);
    // The first has failed, and its picture is here as all others are.
    expect(await still.page.locator('#examples tbody img').count()).toBe(30);
    const { page, context } = await open('fixed');
    expect((await rowTexts(page)).slice(0, without.length)).toEqual(without.slice(0, (await rowTexts(page)).length));
    expect(await page.locator('#examples tbody tr').count()).toBeLessThan(60);
    expect(await page.locator('#examples table').getAttribute('aria-rowcount')).toBe('10001');
    expect(await shown(page)).toBe('10,000 of 10,000 examples');
    await still.context.close();
    await context.close();
  });

  it('shows each example’s own picture', async () => {
    const { page, context } = await open('fixed');
    await page.evaluate(`document.querySelector('#examples').scrollTop = 44 * 200`);
    const row = page.locator('#examples tr[aria-rowindex="202"]');
    await row.waitFor();
    expect(await row.locator('canvas').getAttribute('aria-label')).toBe(
      `Example ${fixed.thumbnails?.indices[200] ?? ''}`,
    );
    const first = await page.evaluate<number>(`(() => {
      const canvas = document.querySelector('#examples tr[aria-rowindex="202"] canvas');
      return canvas.getContext('2d').getImageData(0, 0, 1, 1).data[1];
    })()`);
    expect(first).toBe(200);
    await context.close();
  });

  it('sorts up, down and back by a click or a key on a heading, and says so', async () => {
    const { page, context } = await open('fixed');
    const beginning = await column(page, 'index');
    const radii = async () => (await column(page, 'radius')).map(Number);
    await header(page, 'radius').getByRole('button').click();
    await header(page, 'radius').getByRole('button').click();
    expect(await header(page, 'radius').getAttribute('aria-sort')).toBe('descending');
    const greatest = Math.max(...rows.map(({ radius }) => radius));
    expect((await radii())[0]).toBe(Math.floor(1e4 * greatest) / 1e4);
    expect(await radii()).toEqual((await radii()).toSorted((a, b) => b - a));

    await header(page, 'index').getByRole('button').focus();
    await page.keyboard.press('Enter');
    expect(await header(page, 'index').getAttribute('aria-sort')).toBe('ascending');
    expect(await header(page, 'radius').getAttribute('aria-sort')).toBeNull();
    expect((await column(page, 'index')).slice(0, 3)).toEqual(['0', '20', '40']);
    await page.keyboard.press('Enter');
    expect((await column(page, 'index'))[0]).toBe(String(20 * (EXAMPLES - 1)));
    await page.keyboard.press('Enter');
    expect(await header(page, 'index').getAttribute('aria-sort')).toBeNull();
    expect(await column(page, 'index')).toEqual(beginning);
    await context.close();
  });

  it('filters by outcome, label, prediction and index', async () => {
    const { page, context } = await open('fixed');
    const wrong = rows.filter((row) => row.status === 'certified' && !row.correct);
    const counted = (count: number) => `${count.toLocaleString('en-US')} of 10,000 examples`;
    await page.locator('#filters').getByLabel('Outcome').selectOption({ label: 'misclassified' });
    expect(await shown(page)).toBe(counted(wrong.length));
    await page.locator('#filters').getByLabel('Label').selectOption('3');
    const threes = wrong.filter(({ label }) => label === 3);
    expect(await shown(page)).toBe(counted(threes.length));
    expect(new Set(await column(page, 'label'))).toEqual(new Set(['3']));
    await page.locator('#filters').getByLabel('Prediction').selectOption('4');
    expect(await shown(page)).toBe(counted(threes.filter(({ prediction }) => prediction === 4).length));
    await page.locator('#filters').getByLabel('Prediction').selectOption('5');
    expect(await shown(page)).toBe(counted(0));
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('10,000 of 10,000 examples').waitFor();
    await page.getByLabel('Index').fill('1234');
    const with1234 = rows.filter(({ index }) => String(index).includes('1234'));
    expect(await shown(page)).toBe(counted(with1234.length));
    expect(await page.locator('#examples table').getAttribute('aria-rowcount')).toBe(String(with1234.length + 1));
    await context.close();
  });

  it('scrolls to the last example', async () => {
    const { page, context } = await open('fixed');
    await page.locator('#examples').focus();
    await page.keyboard.press('End');
    const last = page.locator(`#examples tr[aria-rowindex="${EXAMPLES + 1}"]`);
    await last.waitFor();
    const greatest = Math.max(...rows.filter(({ correct }) => correct).map(({ radius }) => radius));
    expect(await last.locator('.c-radius').textContent()).toBe((Math.floor(1e4 * greatest) / 1e4).toFixed(4));
    // It is scrolled to smoothly.
    await expect
      .poll(async () => {
        const [inner, outer] = [await last.boundingBox(), await page.locator('#examples').boundingBox()];
        return (inner?.y ?? 0) + (inner?.height ?? 0) - (outer?.y ?? 0) - (outer?.height ?? 0);
      })
      .toBeLessThanOrEqual(0);
    await context.close();
  });

  it('filters what was lost and gained against a baseline', async () => {
    const { page, context } = await open('compared');
    const lost = shrunk.filter((row, at) => rows[at].correct && !row.correct).length;
    const smaller = shrunk.filter((row, at) => row.correct && row.radius < rows[at].radius).length;
    const change = page.locator('#filters').getByLabel('Change');
    await change.selectOption('lost');
    expect(await shown(page)).toBe(`${lost.toLocaleString('en-US')} of 10,000 examples`);
    await change.selectOption('smaller');
    expect(await shown(page)).toBe(`${smaller.toLocaleString('en-US')} of 10,000 examples`);
    await change.selectOption('gained');
    expect(await shown(page)).toBe('0 of 10,000 examples');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('10,000 of 10,000 examples').waitFor();
    const changes = (await column(page, 'change')).map((text) => Number(text.replace('−', '-')));
    expect(changes).toEqual(changes.toSorted((a, b) => a - b));
    expect(changes[0]).toBeLessThan(-0.5);
    await context.close();
  });

  it('answers every interaction within 100 ms', async () => {
    const { page, context } = await open('compared');
    const times = {
      sort: await middleTime(
        page,
        `(at) => document.querySelector('th[data-key="' + ['radius', 'radius', 'index', 'share', 'change'][at % 5] + '"] button').click()`,
      ),
      filter: await middleTime(
        page,
        `(at) => { const select = document.querySelector('[name=label]'); select.value = String(at); select.dispatchEvent(new Event('input', { bubbles: true })); }`,
      ),
      search: await middleTime(
        page,
        `(at) => { const input = document.querySelector('[name=index]'); document.querySelector('[name=label]').value = ''; input.value = String(at % 10); input.dispatchEvent(new Event('input', { bubbles: true })); }`,
      ),
      scroll: await middleTime(page, `(at) => { document.querySelector('#examples').scrollTop = 3_000 * (at + 1); }`),
      hover: await middleTime(
        page,
        `(at) => { const slider = document.querySelector('.slider'); const { left, top } = slider.getBoundingClientRect(); slider.dispatchEvent(new PointerEvent('pointermove', { clientX: left + 40 * at, clientY: top + 9 })); }`,
      ),
    };
    for (const [name, time] of Object.entries(times)) {
      expect(time, name).toBeGreaterThan(0);
      expect(time, name).toBeLessThan(SMOOTH_MS);
    }
    await context.close();
  });
});

describe('a page', () => {
  it.each(
    (['fixed', 'sequential', 'compared'] as const).flatMap((name) =>
      (['light', 'dark'] as const).flatMap((colorScheme) => [1280, 400].map((width) => ({ name, colorScheme, width }))),
    ),
  )('has no serious fault of accessibility: $name, $colorScheme, $width px', async ({ name, colorScheme, width }) => {
    const { page, context } = await open(name, { colorScheme, viewport: { width, height: 900 } });
    for (const details of await page.locator('details').all()) await details.locator('summary').click();
    expect(await faults(page)).toEqual([]);
    await context.close();
  });

  it('prints the first hundred examples, and goes on where it was', async () => {
    const { page, context } = await open('fixed', { colorScheme: 'dark' });
    await page.evaluate(`addEventListener('beforeprint', () => {
      globalThis.printed = [...document.querySelectorAll('#examples tbody tr:not(.gap)')].length;
    })`);
    const before = await column(page, 'index');
    const paper = await page.pdf({ format: 'A4' });
    expect(await page.evaluate('globalThis.printed')).toBe(100);
    const sheets = paper.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
    expect(sheets).toBeGreaterThan(4);
    expect(sheets).toBeLessThan(12);
    expect(await column(page, 'index')).toEqual(before);
    await context.close();
  });
});
