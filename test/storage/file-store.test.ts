import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../certification/storage/open-store.ts';
import { readObject } from '../../certification/storage/read-object.ts';
import { bytesOf, storeContract, textOf } from './store-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'perimeter-store-'));
const freshFolder = () => join(mkdtempSync(join(folder, 'store-')), 'not made yet');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a store in a folder', () => {
  storeContract({ openFresh: () => openStore(pathToFileURL(freshFolder()).href) });

  it('is the same by its path, its path from here, and its address', async () => {
    const path = freshFolder();
    await openStore(path).putIfAbsent('a/b', bytesOf('x'));
    expect(readFileSync(join(path, 'a', 'b'), 'utf8')).toBe('x');
    expect(await openStore(`${pathToFileURL(path).href}/`).list('')).toEqual(['a/b']);
    expect(await openStore(relative(process.cwd(), path)).list('')).toEqual(['a/b']);
    expect(textOf(await readObject(relative(process.cwd(), join(path, 'a', 'b'))))).toBe('x');
  });

  it('never lists a half-written file that a killed writer left, and leaves none itself', async () => {
    const path = freshFolder();
    const store = openStore(path);
    await store.putIfAbsent('shards/0', bytesOf('x'));
    await store.putIfAbsent('shards/0', bytesOf('x'));
    await store.putIfAbsent('shards/0', bytesOf('y')).catch(() => undefined);
    const abandoned = await store.writeIfAbsent('shards/1');
    await abandoned.write(bytesOf('x'));
    expect(readdirSync(join(path, 'shards'))).toHaveLength(2);
    expect(await store.list('')).toEqual(['shards/0']);
    await abandoned.abort();
    expect(readdirSync(join(path, 'shards'))).toEqual(['0']);
    writeFileSync(join(path, 'shards', '.perimeter-tmp-1'), 'hal');
    expect(await store.list('')).toEqual(['shards/0']);
    expect(await store.list('shards/.')).toEqual([]);
  });

  it('shows a reader nothing or a whole object while several processes write it', { timeout: 60_000 }, async () => {
    const path = freshFolder();
    const store = openStore(path);
    const size = 2_000_000;
    const module = new URL('../../certification/storage/open-store.ts', import.meta.url).href;
    const writer = (letter: string) => `
      const { openStore } = await import(${JSON.stringify(module)});
      const store = openStore(${JSON.stringify(path)});
      process.stdin.once('data', async () => {
        const outcomes = [];
        for (let i = 0; i < 20; i += 1) {
          outcomes.push(await store.putIfAbsent('race/' + i, new Uint8Array(${size}).fill(${letter.charCodeAt(0)}))
            .catch((error) => error.code));
        }
        console.log(JSON.stringify(outcomes));
        process.exit();
      });
      console.log('ready');`;
    const letters = ['a', 'b', 'c', 'd'];
    const writers = letters.map((letter) =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', writer(letter)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    await Promise.all(writers.map((child) => once(child.stdout, 'data')));
    const answers = writers.map(async (child) => {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return JSON.parse(line.toString()) as string[];
    });
    for (const child of writers) child.stdin.write('go\n');

    const progress = { finished: false };
    const outcomes = Promise.all(answers).then((all) => {
      progress.finished = true;
      return all;
    });
    let looks = 0;
    while (!progress.finished) {
      for (const key of await store.list('race/')) {
        const found = await store.get(key);
        looks += 1;
        expect(found.length).toBe(size);
        expect(found[0]).toBe(found[size - 1]);
      }
    }
    expect(looks).toBeGreaterThan(0);
    const all = await outcomes;
    for (let i = 0; i < 20; i += 1) {
      const created = letters.filter((_, writer) => all[writer]?.[i] === 'created');
      expect(created).toHaveLength(1);
      expect(all.map((row) => row[i]).filter((outcome) => outcome === 'DeterminismViolation')).toHaveLength(3);
      expect(textOf((await store.get(`race/${i}`)).subarray(0, 1))).toBe(created[0]);
    }
    expect(readdirSync(join(path, 'race'))).toHaveLength(20);
  });

  it('refuses a place where a file is in the way, with a sentence', async () => {
    const path = freshFolder();
    mkdirSync(path);
    writeFileSync(join(path, 'file'), '');
    for (const base of [join(path, 'file'), join(path, 'file', 'deeper')]) {
      await expect(openStore(base).putIfAbsent('a/b', bytesOf('x'))).rejects.toMatchObject({
        code: 'StoreRefused',
        message: `The store refused writing ${join(base, 'a', 'b')}: a part of its path is a file: choose another place.`,
      });
    }
    mkdirSync(join(path, 'folder'));
    await expect(openStore(path).putIfAbsent('folder', bytesOf('x'))).rejects.toMatchObject({
      code: 'StoreRefused',
      message: `The store refused writing ${join(path, 'folder')}: a folder is there.`,
    });
  });

  it('refuses a name that is too long for the file system', async () => {
    await expect(openStore(freshFolder()).putIfAbsent('n'.repeat(300), bytesOf('x'))).rejects.toMatchObject({
      code: 'StoreRefused',
      message: expect.stringContaining('too long') as string,
    });
  });

  it('refuses a place without permission, with a sentence', async () => {
    const path = freshFolder();
    mkdirSync(path);
    writeFileSync(join(path, 'secret'), 'x');
    chmodSync(join(path, 'secret'), 0o000);
    chmodSync(path, 0o555);
    const outcome = await asUnprivileged(`
      const said = (error) => error.code + ' ' + error.message;
      console.log(JSON.stringify([
        await openStore(${JSON.stringify(path)}).putIfAbsent('a', new Uint8Array()).catch(said),
        await readObject(${JSON.stringify(join(path, 'secret'))}).catch(said),
      ]));`);
    chmodSync(path, 0o755);
    expect(outcome).toEqual([
      `StoreRefused The store refused writing ${join(path, 'a')}: permission denied: let this user do it, or choose another place.`,
      `StoreRefused The store refused reading ${join(path, 'secret')}: permission denied: let this user do it, or choose another place.`,
    ]);
    expect(existsSync(join(path, 'a'))).toBe(false);
  });
});

/** Root may do everything, so that the tests run as root need another user for this one. */
async function asUnprivileged(script: string): Promise<unknown> {
  const nobody = process.getuid?.() === 0 ? `process.setgid(65534); process.setuid(65534);` : '';
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755);
  // The modules are loaded first, and nothing afterwards: the checkout may be root's alone.
  const load = ['open-store', 'read-object', 'file-store']
    .map((name) => new URL(`../../certification/storage/${name}.ts`, import.meta.url).href)
    .map((href) => `Object.assign(globalThis, await import(${JSON.stringify(href)}));`)
    .join('\n');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', `${load}${nobody}${script}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(line.toString());
}
