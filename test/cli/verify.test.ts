import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { runCli } from '../support/run-cli.ts';
import { smallRun } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const keys = newKeyPair();
const out = temporaryFolder(afterAll);
const publicKey = join(out, 'lab.pub');
writeFileSync(publicKey, keys.publicKey);
let folder = '';

beforeAll(async () => {
  ({ folder } = await smallRun('fixed', out, { privateKey: keys.privateKey }));
});

const verify = (...args: string[]) => runCli(['verify', ...args, '--processes', '1'], { cwd: out });

describe('perimeter verify', () => {
  it('prints a line a check and a verdict, within 80 columns, and ends with 0', async () => {
    const { code, stdout } = await verify('small', '--out', '.', '--replay', '100%', '--public-key', publicKey);
    const lines = stdout.split('\n');
    expect(code).toBe(0);
    expect(lines.at(-2)).toBe('Verified: 14 checks passed, 1 noted, 0 failed.');
    expect(lines.slice(0, -3).every((line) => /^(passed|noted ) {2}\S+ +\S/.test(line))).toBe(true);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toMatch(/^passed {2}replay {8}24 of 24 examples in .* s, seed [0-9a-f]{8}: all equal$/m);
    expect(stdout).not.toMatch(/\u001b|\r/);
  });

  it('takes a folder of another name elsewhere, as a path or as file://, and a seed for the share', async () => {
    const copy = join(temporaryFolder(), 'a copy of it');
    cpSync(folder, copy, { recursive: true });
    const byPath = await verify(`${copy}/`, '--replay', '0.25', '--replay-seed', 'x');
    expect(byPath).toMatchObject({ code: 0, stdout: expect.stringContaining('6 of 24 examples in') as string });
    expect(byPath.stdout).toContain('seed x: all equal');
    expect(byPath.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect((await verify(pathToFileURL(copy).href, '--replay', '0')).code).toBe(0);
  });

  it('ends with 1 where a check failed, and prints one JSON object with --json', async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(folder, copy, { recursive: true });
    const file = join(copy, 'summary.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"certified"', '"Certified"'));
    const plain = await verify(copy, '--replay', '0');
    expect(plain.code).toBe(1);
    expect(plain.stdout).toMatch(/^failed {2}files {9}summary\.json has another SHA-256 of 14 files$/m);
    expect(plain.stdout).toMatch(/\nNOT verified: \d+ checks passed, \d noted, 2 failed\.\n$/);
    const { code, stdout, stderr } = await verify(copy, '--replay', '0', '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const answer = JSON.parse(stdout) as { checks: unknown[] };
    expect(answer).toEqual({ run: copy, verified: false, checks: expect.any(Array) as unknown[] });
    expect(Object.keys(answer)).toEqual(['run', 'verified', 'checks']);
    expect(answer.checks[2]).toEqual({
      name: 'files',
      status: 'failed',
      detail: 'summary.json has another SHA-256 of 14 files',
    });
  });

  it('ends with 1 for the key of another', async () => {
    const other = join(temporaryFolder(), 'other.pub');
    writeFileSync(other, newKeyPair().publicKey);
    const { code, stdout } = await verify('small', '--out', '.', '--replay', '0', '--public-key', other, '--json');
    expect(code).toBe(1);
    const { verified, checks } = JSON.parse(stdout) as { verified: boolean; checks: object[] };
    expect(verified).toBe(false);
    expect(checks[0]).toMatchObject({ name: 'signature', status: 'failed' });
  });

  it('ends with 1 for a model that is not there, saying what to do', async () => {
    const { code, stdout } = await verify('small', '--out', '.', '--model', 'nothing.onnx');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^failed {2}model {9}There is no file .*Name it with --model, or skip the replay with --replay 0\.$/m,
    );
  });

  it.each([
    [
      ['nothing', '--out', '.'],
      /^perimeter: .*runs\/nothing\/manifest\.json is not there: name the folder of a finished run\.\n$/,
    ],
    [['./nothing'], /^perimeter: .*\/nothing\/manifest\.json is not there/],
    [['/'], /^perimeter: file:\/\/\/manifest\.json is not there/],
    [['no such run'], /^perimeter: "no such run" is neither a run's id nor the path of its folder/],
    [[''], /^perimeter: "" is neither/],
    [['ftp://x/y'], /^perimeter: ftp:\/\/x\/y begins with ftp:\/\//],
    [['small', '--replay', '2'], /--replay.*It must be a share from 0 to 1, or a percentage such as 2%/s],
    [['small', '--replay', '%'], /It must be a share/],
    [['small', '--replay', ''], /It must be a share/],
    [['small', '--out', '.', '--public-key', 'images.idx'], /^perimeter: images\.idx is not a PEM file/],
    [['small', '--out', '.', '--public-key', 'nothing.pub'], /^perimeter: The public key nothing\.pub can't be read/],
  ])('ends with 2 for %j', async (args, sentence) => {
    const { code, stdout, stderr } = await runCli(['verify', ...args], { cwd: out });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('has help that names its options, within 80 columns', async () => {
    const { code, stdout } = await runCli(['verify', '--help']);
    expect(code).toBe(0);
    for (const option of ['--replay <share>', '--model <uri>', '--public-key <file>', '--challenge <text>', '--json']) {
      expect(stdout).toContain(option);
    }
    expect(stdout).toContain('Exit code 0');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
