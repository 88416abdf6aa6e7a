import { chromium, type Browser } from 'playwright-core';
import { afterAll } from 'vitest';
import { findChromium } from './chromium.ts';

/** Nothing of the browser's own goes on the network. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A headless Chromium for one test file, which ends with the file. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: await findChromium(), args: ARGS });
  afterAll(() => browser.close());
  return browser;
}
