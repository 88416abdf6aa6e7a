import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../certification/storage/open-store.ts';
import type { Store } from '../../certification/storage/store.ts';
import { listRuns } from '../../cli/serve/list-runs.ts';
import { noLiveRuns } from '../../cli/serve/live-runs.ts';
import { newestFirst } from '../../cli/serve/run-order.ts';
import { separated } from '../../cli/serve/separated.ts';
import { runLocally } from '../support/run-locally.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A store that notes what it is asked for. */
function noted(store: Store): { store: Store; asked: string[] } {
  const asked: string[] = [];
  const handler: ProxyHandler<Store> = {
    get:
      (target, name: keyof Store) =>
      (key: string, ...rest: never[]) => {
        if (name !== 'url') asked.push(`${name} ${key}`);
        return (target[name] as (...all: unknown[]) => unknown)(key, ...rest);
      },
  };
  return { store: new Proxy(store, handler), asked };
}

it('reads the runs of the page that it shows, and lists nothing of the others', async () => {
  const out = temporaryFolder();
  for (let at = 0; at < 400; at += 1) mkdirSync(join(out, `runs/nightly-${at}`), { recursive: true });
  await runLocally(stubRequest({ out, run: 'nightly-398a' }));
  const { store, asked } = noted(openStore(out));
  const { items, total } = await listRuns({ store, live: noLiveRuns('-'), page: 1 });
  expect([items.length, total]).toEqual([25, 401]);
  const shown = items.map(({ run }) => run);
  expect(shown).toContain('nightly-398a');
  expect(asked.filter((each) => each.startsWith('folders'))).toEqual(['folders runs/']);
  const others = asked.filter((each) => !shown.some((run) => each.includes(`runs/${run}/`)));
  expect(others).toEqual(['folders runs/']);
  expect(asked.length).toBeLessThan(1 + 4 * 25);
  // Of a run itself, its generations alone are listed, and never its shards.
  expect(asked.filter((each) => each.startsWith('list'))).toEqual(['list runs/nightly-398a/generations/']);
});

it('orders ids by the times in them, then by their numbers', () => {
  expect(
    newestFirst([
      'nightly-9',
      '20260101-020000-3f9a1c',
      'nightly-2026-01-02T020000Z',
      'nightly-10',
      'abc',
      '20260101-020001-000000',
      'mnist-2025-12-31T235959Z',
    ]),
  ).toEqual([
    'nightly-2026-01-02T020000Z',
    '20260101-020001-000000',
    '20260101-020000-3f9a1c',
    'mnist-2025-12-31T235959Z',
    'nightly-10',
    'nightly-9',
    'abc',
  ]);
});

it('moves labels apart in their order, and leaves those that are', () => {
  expect(separated([10, 100, 50], 15)).toEqual([10, 100, 50]);
  expect(separated([50, 51, 49, 120], 15)).toEqual([50, 65, 35, 120]);
  expect(separated([0, 10, 26, 100], 16)).toEqual([-4, 12, 28, 100]);
  expect(separated([], 15)).toEqual([]);
});
