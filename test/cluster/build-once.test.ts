import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildOnce } from './support/build-once.ts';
import { findKeda } from './support/find-keda.ts';
import { findKubernetes } from './support/find-kubernetes.ts';

test.each([
  ['Kubernetes', findKubernetes],
  ['KEDA', findKeda],
])('without Go and Python %s says in a sentence what to install, and leaves nothing behind', async (_, find) => {
  const cache = temporaryFolder();
  await expect(find({ PATH: '', PERIMETER_CACHE: cache })).rejects.toMatchObject({
    code: 'MissingPart',
    message: expect.stringMatching(
      /could not be built \(there is no go on PATH; .*\): install Go 1.26 or newer/,
    ) as unknown,
  });
  expect(readdirSync(cache)).toEqual([]);
});

test('programs are built once from the same sources, and anew from others', async () => {
  const sources = temporaryFolder();
  const env = { PERIMETER_CACHE: temporaryFolder() };
  let builds = 0;
  const build = ({ target }: { target: string }) => {
    builds += 1;
    writeFileSync(join(target, 'program'), '');
    return Promise.resolve(undefined);
  };
  const find = () => buildOnce({ name: 'x', from: { versions: ['1'], folder: sources }, takes: 'no time', env, build });
  writeFileSync(join(sources, 'main.go'), 'package main');
  const first = await find();
  expect(await find()).toBe(first);
  expect(builds).toBe(1);
  writeFileSync(join(sources, 'main.go'), 'package other');
  expect(await find()).not.toBe(first);
  expect(builds).toBe(2);
});
