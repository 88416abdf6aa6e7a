import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCohen } from '../../certification/exchange/import-cohen.ts';
import { importDocuments } from '../../certification/exchange/import-documents.ts';
import { peerLog, recount } from '../exchange/peer-logs.ts';
import { startBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { path, bytes, text } = peerLog('noise_0.25/test/sigma_0.25');
let open: () => Promise<{ page: Page; complaints: string[] }>;

beforeAll(async () => {
  const browser = await startBrowser();
  const { results, ...rest } = importCohen(bytes, { name: path });
  if (results === undefined) throw new Error('Expected results of a log with examples.');
  const documents = await importDocuments({ ...rest, results });
  const file = join(temporaryFolder(afterAll), 'report.html');
  writeFileSync(file, documents.find(({ name }) => name === 'report.html')?.bytes ?? '');
  open = async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(file).href);
    return { page, complaints };
  };
});

describe('the page of an import', () => {
  it('says what it is, and shows the file’s counts and what its radii tell', async () => {
    const { page, complaints } = await open();
    expect(await page.locator('h1').textContent()).toBe('Imported: certified accuracy at σ = 0.25');
    const words = await page.locator('main').innerText();
    expect(words).toContain('IMPORTED: made elsewhere; nothing of it was checked here.');
    expect(words).toContain('α = 0.001 is contradicted by radius 0.978');
    expect(words).toMatch(new RegExp(`0\\.25\\s+${recount(text, 0.25)}\\s+60\\.00 %`));
    expect(complaints).toEqual([]);
  });

  it('lists the examples without what the file doesn’t have, and sorts them', async () => {
    const { page, complaints } = await open();
    expect(await page.locator('#examples th[data-key]').allInnerTexts()).toEqual([
      'index',
      'label',
      'prediction',
      'outcome',
      'radius',
    ]);
    for (const word of ['Guess', 'top class', 'Lower bounds on', 'metrics.json', 'certificates.parquet']) {
      expect(await page.locator('main').innerText()).not.toContain(word);
    }
    const header = page.locator('#examples th[data-key="radius"] button');
    await header.click();
    await header.click();
    expect(await page.locator('#examples tbody .c-radius').first().textContent()).toBe('0.9780');
    expect(complaints).toEqual([]);
  });
});
