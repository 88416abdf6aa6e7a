import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkStore } from '../../certification/storage/check-store.ts';
import { readObject } from '../../certification/storage/read-object.ts';
import type { Store } from '../../certification/storage/store.ts';

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/**
 * What every store promises.
 *
 * @param openFresh a new, empty store
 * @param read `readObject` for its addresses
 * @param put a quicker way than the store's own to put many objects
 */
export function storeContract(options: {
  openFresh: () => Store;
  read?: typeof readObject;
  put?: (url: string, bytes: Uint8Array) => Promise<void>;
}): void {
  const { openFresh, read = readObject, put } = options;

  it('gives back what was put, and says what is not there', async () => {
    const store = openFresh();
    expect(await store.has('runs/a/plan.json')).toBe(false);
    expect(await store.head('runs/a/plan.json')).toBeUndefined();
    expect(await store.list('')).toEqual([]);
    await expect(store.get('runs/a/plan.json')).rejects.toMatchObject({
      code: 'NotFound',
      message: `There is no object ${store.url('runs/a/plan.json')}.`,
    });

    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 251);
    expect(await store.putIfAbsent('runs/a/plan.json', bytes, { contentType: 'application/json' })).toBe('created');
    expect(await store.get('runs/a/plan.json')).toEqual(bytes);
    expect(await store.head('runs/a/plan.json')).toEqual({ size: 70_000 });
    expect(await store.has('runs/a/plan.json')).toBe(true);
    // A folder is no object.
    expect(await store.has('runs/a')).toBe(false);
    await expect(store.get('runs/a')).rejects.toMatchObject({ code: 'NotFound' });
    expect(await read(store.url('runs/a/plan.json'))).toEqual(bytes);
    await expect(read(store.url('runs/a/plan.json'), { maxBytes: 69_999 })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringContaining('70000 bytes, more than the 69999') as string,
    });
  });

  it('writes an object once: the same bytes again are the same, other bytes a determinism violation', async () => {
    const store = openFresh();
    expect(await store.putIfAbsent('shards/0.jsonl', bytesOf('abc'))).toBe('created');
    expect(await store.putIfAbsent('shards/0.jsonl', bytesOf('abc'))).toBe('same');
    const refused = store.putIfAbsent('shards/0.jsonl', bytesOf('abd'));
    await expect(refused).rejects.toMatchObject({ code: 'DeterminismViolation' });
    const message = await refused.catch((error: unknown) => (error as Error).message);
    expect(message).toContain(store.url('shards/0.jsonl'));
    // printf abc | sha256sum, printf abd | sha256sum
    expect(message).toContain('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad is there');
    expect(message).toContain('a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9 was to be written');
    expect(textOf(await store.get('shards/0.jsonl'))).toBe('abc');
  });

  it('names the folders under a prefix without what they hold', async () => {
    const store = openFresh();
    expect(await store.folders('runs/')).toEqual([]);
    for (const key of [
      'runs/b/plan.json',
      'runs/a/shards/0.jsonl',
      'runs/a/plan.json',
      'runs/é/x',
      'runs/file',
      'audits/l/x',
    ])
      await store.putIfAbsent(key, bytesOf(key));
    expect(await store.folders('runs/')).toEqual(['a', 'b', 'é']);
    expect(await store.folders('')).toEqual(['audits', 'runs']);
    expect(await store.folders('runs/a/')).toEqual(['shards']);
  });

  it('lists objects with their sizes and the times that they were written at', async () => {
    const store = openFresh();
    const before = Date.now();
    for (const key of ['runs/b', 'runs/a/x', 'other']) await store.putIfAbsent(key, bytesOf(key.repeat(100)));
    const entries = await store.entries('runs/');
    expect(entries.map(({ key, size }) => [key, size])).toEqual([
      ['runs/a/x', 800],
      ['runs/b', 600],
    ]);
    for (const { writtenAt } of entries) {
      // S3 tells whole seconds.
      expect(writtenAt.getTime()).toBeGreaterThan(before - 1_000);
      expect(writtenAt.getTime()).toBeLessThan(Date.now() + 1_000);
    }
    expect(await store.entries('none/')).toEqual([]);
  });

  it('removes leftovers from a folder and no objects', async () => {
    const store = openFresh();
    await store.removeLeftovers('runs/none/');
    await store.putIfAbsent('runs/a/shards/x', bytesOf('x'));
    await store.removeLeftovers('runs/a/');
    expect(await store.list('')).toEqual(['runs/a/shards/x']);
  });

  it('changes an object by compare-and-swap, so that none of many changes at once is lost', async () => {
    const store = openFresh();
    const add = (line: string) => (there: Uint8Array | undefined) => {
      const lines = there === undefined ? [] : textOf(there).split('\n');
      return bytesOf((lines.includes(line) ? lines : [...lines, line]).join('\n'));
    };
    const names = Array.from({ length: 24 }, (_, writer) => `writer ${writer}`);
    await Promise.all(names.map((name) => store.update('audits/line/index.json', add(name))));
    const all = textOf(await store.get('audits/line/index.json')).split('\n');
    expect(all.sort()).toEqual([...names].sort());
    await store.update('audits/line/index.json', add('writer 3'));
    expect(textOf(await store.get('audits/line/index.json')).split('\n')).toHaveLength(24);
    expect(await store.list('audits/')).toEqual(['audits/line/index.json']);
  });

  it('leaves an object as it is where its change throws, and can change it afterwards', async () => {
    const store = openFresh();
    await store.update('index', () => bytesOf('one'));
    const failing = store.update('index', () => {
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(textOf(await store.get('index'))).toBe('one');
    await store.update('index', () => bytesOf('two'));
    expect(textOf(await store.get('index'))).toBe('two');
  });

  it('keeps an empty object', async () => {
    const store = openFresh();
    expect(await store.putIfAbsent('empty', new Uint8Array())).toBe('created');
    expect(await store.putIfAbsent('empty', new Uint8Array())).toBe('same');
    expect(await store.get('empty')).toEqual(new Uint8Array());
  });

  it('lets one of 64 concurrent writers win, and all see its bytes', async () => {
    const store = openFresh();
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, async (_, writer) =>
        store
          .putIfAbsent('race', bytesOf(`writer ${writer}`))
          .catch((error: unknown) => (error as { code: string }).code),
      ),
    );
    const winner = outcomes.indexOf('created');
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'DeterminismViolation')).toHaveLength(63);
    expect(textOf(await store.get('race'))).toBe(`writer ${winner}`);
    expect(await store.list('')).toEqual(['race']);
  });

  it('takes 64 concurrent writers of the same bytes for one', async () => {
    const store = openFresh();
    const outcomes = await Promise.all(Array.from({ length: 64 }, () => store.putIfAbsent('race', bytesOf('rows'))));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'same')).toHaveLength(63);
  });

  it('writes an object in pieces, which nobody sees before it is whole, and once: same or other bytes again', async () => {
    const store = openFresh();
    const outcomeOf = async (...pieces: string[]) => {
      const writer = await store.writeIfAbsent('runs/a/rows', { contentType: 'text/plain' });
      for (const piece of pieces) {
        await writer.write(bytesOf(piece));
        expect(await store.has('runs/a/rows')).toBe(there);
      }
      return writer.finish();
    };
    let there = false;
    // printf abcdef | sha256sum
    const digest = { size: 6, sha256: 'bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721' };
    expect(await outcomeOf('ab', '', 'cdef')).toEqual({ outcome: 'created', ...digest });
    there = true;
    expect(textOf(await store.get('runs/a/rows'))).toBe('abcdef');
    expect(await outcomeOf('abcd', 'ef')).toEqual({ outcome: 'same', ...digest });
    expect(await store.putIfAbsent('runs/a/rows', bytesOf('abcdef'))).toBe('same');
    await expect(outcomeOf('abcdeg')).rejects.toMatchObject({
      code: 'DeterminismViolation',
      message: expect.stringContaining(`SHA-256 ${digest.sha256} is there`) as string,
    });
    await expect(outcomeOf()).rejects.toMatchObject({ code: 'DeterminismViolation' });
    expect(textOf(await store.get('runs/a/rows'))).toBe('abcdef');
    expect(await store.digest('runs/a/rows')).toEqual(digest);
    await expect(store.digest('runs/a')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(store.digest('runs/b')).rejects.toMatchObject({ code: 'NotFound' });
    expect(await store.list('')).toEqual(['runs/a/rows']);
  });

  it('keeps nothing of an object that is given up, and an empty one that is finished', async () => {
    const store = openFresh();
    const writer = await store.writeIfAbsent('rows');
    await writer.write(bytesOf('abc'));
    await writer.abort();
    await writer.abort();
    expect(await store.list('')).toEqual([]);
    const empty = await store.writeIfAbsent('rows');
    expect(await empty.finish()).toMatchObject({ outcome: 'created', size: 0 });
    await empty.abort();
    expect(await store.get('rows')).toEqual(new Uint8Array());
  });

  it('lets one of 16 concurrent writers in pieces win', async () => {
    const store = openFresh();
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, async (_, at) => {
        const writer = await store.writeIfAbsent('race');
        await writer.write(bytesOf(`writer `));
        await writer.write(bytesOf(String(at)));
        return writer.finish().then(
          ({ outcome }) => outcome,
          (error: unknown) => (error as { code: string }).code,
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'DeterminismViolation')).toHaveLength(15);
    expect(textOf(await store.get('race'))).toBe(`writer ${outcomes.indexOf('created')}`);
  });

  it('lists beyond 1,000 keys in byte order, by any prefix', async () => {
    const store = openFresh();
    const keys = Array.from({ length: 1_003 }, (_, i) => `shards/${String(i).padStart(5, '0')}`);
    const outside = ['shard', 'shards.txt', 'other/a', 'shardsé', 'shards~'];
    const all = [...keys, ...outside];
    const waiting = [...all];
    const writer = async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
        await (put?.(store.url(key), bytesOf(key)) ?? store.putIfAbsent(key, bytesOf(key)));
      }
    };
    await Promise.all(Array.from({ length: 16 }, writer));
    expect(await store.list('shards/')).toEqual(keys);
    expect(await store.list('shards/0010')).toEqual(keys.slice(100, 110));
    expect(await store.list('nothing/')).toEqual([]);
    expect(await store.list('')).toEqual(['other/a', 'shard', 'shards.txt', ...keys, 'shards~', 'shardsé']);
  });

  it('takes keys with odd characters as they are', async () => {
    const store = openFresh();
    const keys = [
      'a b/c+d.json',
      'percent %41%2F and & = ? # ; : @ ! $ \' ( ) * , [ ] { } | ^ ~ ` " < > \\',
      'ünïcödé/日本語/🙂.json',
      'e\u0301 is not \u00e9',
      ' leading and trailing ',
      '.hidden',
      '-dash',
    ];
    for (const key of keys) expect(await store.putIfAbsent(key, bytesOf(key))).toBe('created');
    for (const key of keys) {
      expect(textOf(await store.get(key))).toBe(key);
      expect(textOf(await read(store.url(key)))).toBe(key);
    }
    expect(new Set(await store.list(''))).toEqual(new Set(keys));
    expect(await store.list('ünï')).toEqual(['ünïcödé/日本語/🙂.json']);
  });

  it.each([
    ['is empty', ''],
    ['is absolute', '/etc/passwd'],
    ["has a '.' or '..'", '../outside'],
    ["has a '.' or '..'", 'a/../../outside'],
    ["has a '.' or '..'", './a'],
    ['has an empty part', 'a//b'],
    ['has an empty part', 'a/'],
    ['has a control character', 'a\nb'],
    ['has a control character', 'a\0b'],
    ['is not valid Unicode', '\ud800'],
    ['has a name that begins with .perimeter-tmp-', 'a/.perimeter-tmp-1'],
    ['is longer than the 1024 bytes', 'é'.repeat(513)],
  ])('refuses everywhere a key that %s', async (reason, key) => {
    const store = openFresh();
    const refusal = { code: 'InvalidRequest', message: expect.stringContaining(reason) as string };
    await expect(store.putIfAbsent(key, bytesOf('x'))).rejects.toMatchObject(refusal);
    await expect(store.writeIfAbsent(key)).rejects.toMatchObject(refusal);
    await expect(store.get(key)).rejects.toMatchObject(refusal);
    await expect(store.digest(key)).rejects.toMatchObject(refusal);
    await expect(store.head(key)).rejects.toMatchObject(refusal);
    await expect(store.remove(key)).rejects.toMatchObject(refusal);
    expect(() => store.url(key)).toThrow(reason);
  });

  it('passes the start-up check, which leaves nothing behind', async () => {
    const store = openFresh();
    await checkStore(store);
    expect(await store.list('')).toEqual([]);
  });

  it('removes an object, and does not mind where there is none', async () => {
    const store = openFresh();
    const key = `a/${randomUUID()}`;
    await store.putIfAbsent(key, bytesOf('x'));
    await store.remove(key);
    expect(await store.has(key)).toBe(false);
    await store.remove(key);
    expect(await store.putIfAbsent(key, bytesOf('y'))).toBe('created');
  });
}
