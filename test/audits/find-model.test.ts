import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { compareVersions, findNewestModel } from '../../certification/audits/find-model.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder(afterAll);

function models(name: string, files: readonly string[]): string {
  for (const file of files) {
    const path = join(folder, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
  }
  return join(folder, name);
}

describe('the newest model under a prefix', () => {
  it.each([
    [['v9/model.onnx', 'v10/model.onnx', 'v2/model.onnx'], 'v10/model.onnx'],
    [['m-2026-11-09.onnx', 'm-2026-11-10.onnx', 'm-2025-12-31.onnx'], 'm-2026-11-10.onnx'],
    [['1.2.onnx', '1.2.1.onnx', '1.2.1-rc2.onnx', '1.1.9.onnx'], '1.2.1.onnx'],
    [['v1.2.1/m.onnx', 'v1.2/m.onnx', 'v1.2.2-beta/m.onnx'], 'v1.2.2-beta/m.onnx'],
    [['v1.2-rc1/m.onnx', 'v1.2/m.onnx'], 'v1.2/m.onnx'],
    [['resnet50.onnx', 'resnet50-v2.onnx'], 'resnet50-v2.onnx'],
    [['v1.2.onnx', 'v1.2-fp16.onnx', 'v1.2-beta3.onnx'], 'v1.2-fp16.onnx'],
    [['a/1.onnx', 'notes.txt', 'b/0.onnx.bak'], 'a/1.onnx'],
    [['0099.onnx', '100.onnx'], '100.onnx'],
  ])('by its version is, of %j, %s', async (files, newest) => {
    const at = models(`v${files.join()}`.replace(/\W/g, '_'), files);
    expect(await findNewestModel(at, 'version')).toBe(pathToFileURL(join(at, newest)).href);
  });

  it('by the time is the one that was written last, whatever its name', async () => {
    const at = models('times', ['v3.onnx', 'v1.onnx', 'v2.onnx']);
    const touch = (file: string, day: number) => {
      utimesSync(join(at, file), day * 86_400, day * 86_400);
    };
    touch('v1.onnx', 30);
    touch('v2.onnx', 20);
    touch('v3.onnx', 30);
    expect(await findNewestModel(at, 'time')).toMatch(/v3\.onnx$/);
    touch('v2.onnx', 40);
    expect(await findNewestModel(at, 'time')).toMatch(/v2\.onnx$/);
  });

  it('is refused with a sentence where there is none', async () => {
    const at = models('none', ['readme.md']);
    await expect(findNewestModel(at, 'version')).rejects.toMatchObject({
      code: 'NotFound',
      message: `There is no model under ${at}: expected a file that ends in .onnx.`,
    });
  });

  it('orders versions so that it makes no difference what comes first', () => {
    const names = [
      'v1/m.onnx',
      'v1-rc1/m.onnx',
      'v1-rc2/m.onnx',
      'v1.1/m.onnx',
      'v1/n.onnx',
      'v2/a.onnx',
      'v10/a.onnx',
    ];
    const sorted = [
      'v1-rc1/m.onnx',
      'v1-rc2/m.onnx',
      'v1/m.onnx',
      'v1/n.onnx',
      'v1.1/m.onnx',
      'v2/a.onnx',
      'v10/a.onnx',
    ];
    expect([...names].reverse().sort(compareVersions)).toEqual(sorted);
    for (const a of names) for (const b of names) expect(compareVersions(a, b)).toBe(-compareVersions(b, a) || 0);
  });
});
