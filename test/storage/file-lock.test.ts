import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { spawnGuarded } from '../../cli/dev/spawn-guarded.ts';
import { fileStore } from '../../certification/storage/file-store.ts';
import { withFileLock } from '../../certification/storage/file-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const LOCK = '.perimeter-tmp-lock-index.json';
const module = (path: string) => fileURLToPath(new URL(`../../certification/storage/${path}`, import.meta.url));

/** Another process, which runs a module's text. */
function runElsewhere(text: string) {
  return spawnGuarded(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', text]);
}

describe('a lock file', () => {
  it('lets one at a time in, of many processes, and none of their changes is lost', async () => {
    const folder = temporaryFolder();
    const text = (name: string) => `
      import { fileStore } from ${JSON.stringify(module('file-store.ts'))};
      for (let at = 0; at < 25; at += 1)
        await fileStore(${JSON.stringify(folder)}).update('index.json', (there) =>
          new TextEncoder().encode(new TextDecoder().decode(there ?? new Uint8Array()) + '${name}' + at + '\\n'));`;
    const processes = await Promise.all(['a', 'b', 'c', 'd'].map((name) => runElsewhere(text(name))));
    await until(
      () => processes.every((each) => each.ended()),
      (over) => over,
    );
    expect(processes.map((each) => each.output())).toEqual(['', '', '', '']);
    const lines = readFileSync(join(folder, 'index.json'), 'utf8').trim().split('\n');
    expect(new Set(lines).size).toBe(100);
    expect(readdirSync(folder)).toEqual(['index.json']);
  });

  it('that a killed process left is removed after a while, and what it had begun is not seen', async () => {
    const folder = temporaryFolder();
    const holder = await runElsewhere(`
      import { withFileLock } from ${JSON.stringify(module('file-lock.ts'))};
      await withFileLock(${JSON.stringify(join(folder, LOCK))}, () => new Promise((resolve) => setTimeout(resolve, 1e6)));`);
    await until(
      () => existsSync(join(folder, LOCK)),
      (there) => there,
    );
    await holder.kill();
    const store = fileStore(folder);
    const started = performance.now();
    await Promise.all(['x', 'y', 'z'].map((name) => store.update('index.json', (there) => append(there, name))));
    expect(performance.now() - started).toBeGreaterThan(9_000);
    expect(readFileSync(join(folder, 'index.json'), 'utf8').split('').sort()).toEqual(['x', 'y', 'z']);
    expect(readdirSync(folder)).toEqual(['index.json']);
  });

  it('that others took over stops its holder before it writes', async () => {
    const folder = temporaryFolder();
    const path = join(folder, LOCK);
    const holding = withFileLock(path, async (checkHeld) => {
      writeFileSync(path, 'another process');
      await sleep(1);
      await checkHeld();
      return 'written';
    });
    await expect(holding).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(readFileSync(path, 'utf8')).toBe('another process');
  });
});

function append(there: Uint8Array | undefined, name: string): Uint8Array {
  return Buffer.concat([there ?? new Uint8Array(), Buffer.from(name)]);
}
