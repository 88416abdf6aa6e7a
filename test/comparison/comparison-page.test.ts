import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonPage } from '../../certification/comparison/comparison-page.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { ExampleList } from '../../certification/report/example-list.ts';
import { writeFileSync } from 'node:fs';
import { smallModel, smallRun } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folders = { out: '' };
const page = async (run: string, baseline: string, date?: string) => {
  const bytes = await comparisonPage({
    store: openStore(folders.out),
    run,
    generation: 1,
    baseline: { run: baseline, generation: 1, date },
    results: `../../../runs/${run}/`,
  });
  return new TextDecoder().decode(bytes);
};
const listed = (html: string) => JSON.parse(/id="examples-data">(.*?)<\/script>/s.exec(html)?.[1] ?? '') as ExampleList;

const runs = new Map<string, Awaited<ReturnType<typeof smallRun>>>();

beforeAll(async () => {
  folders.out = temporaryFolder(afterAll);
  const { out } = folders;
  const model = join(temporaryFolder(afterAll), 'model.onnx');
  writeFileSync(model, smallModel({ nudge: 3 }));
  for (const [run, mode, more] of [
    ['before', 'fixed', {}],
    ['after', 'fixed', { model }],
    ['fewer', 'fixed', { limit: 10 }],
    ['sequential', 'sequential', {}],
    ['predict', 'predict', {}],
  ] as const) {
    runs.set(run, await smallRun(mode, out, { run, seed: run, ...more }));
  }
});

describe('comparisonPage', () => {
  it('puts a run beside its baseline on the same examples, the worst drops first', async () => {
    const html = await page('after', 'before', '2026-11-26T020000Z');
    expect(html).toContain('beside baseline 2026-11-26, 02:00 UTC</p>');
    expect(html).toContain('<a href="../../../runs/after/metrics.json">');
    const list = listed(html);
    const own = new Map(runs.get('after')?.certificates.map((row) => [row.index, row]));
    const before = new Map(runs.get('before')?.certificates.map((row) => [row.index, row]));
    const counts = (row?: { correct: boolean; radius: number }) => (row?.correct === true ? row.radius : 0);
    const changes = list.index.map((index) => counts(own.get(index)) - counts(before.get(index)));
    expect(changes.toSorted((a, b) => a - b)).toEqual(changes);
    expect(changes[0]).toBeLessThan(0);
    list.baseline?.change.forEach((change, at) => {
      expect(change).toBeCloseTo(changes[at], 3);
    });
    expect(list.baseline?.change).toHaveLength(24);
    expect(new Set(list.thumbnails?.at)).toEqual(new Set(list.index.keys()));
    expect(await page('after', 'before', '2026-11-26T020000Z')).toBe(html);
  });

  it('compares no example with a baseline of others, and any mode with any', async () => {
    const other = await page('after', 'fewer');
    expect(other).toContain('beside baseline fewer</p>');
    expect(listed(other).baseline).toBeUndefined();
    expect(other).toContain('The baseline is of other examples');
    expect(listed(await page('after', 'sequential')).baseline?.change).toHaveLength(24);
    expect(listed(await page('sequential', 'before')).baseline?.change).toHaveLength(24);
  });

  it('refuses a run without radii, and one that isn’t there', async () => {
    await expect(page('after', 'predict')).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(page('after', 'nothing')).rejects.toMatchObject({ code: 'NotFound' });
  });
});
