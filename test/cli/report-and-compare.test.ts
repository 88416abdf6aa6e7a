import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallModel, smallRun } from '../support/small-runs.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folders = { out: '' };
const cli = (...args: string[]) => runCli(args, { cwd: folders.out });

/** Expects one sentence, exit code 2, and nothing printed. */
async function expectRefusal(args: string[], sentence: RegExp) {
  const { code, stdout, stderr } = await cli(...args);
  const lines = stderr.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(sentence);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
}

const HEADER = 'idx\tlabel\tpredict\tradius\tcorrect\ttime\n';
/** A file in Cohen's columns: its examples' radii, −1 where it abstained. */
const file = (name: string, radii: readonly number[]) => {
  const rows = radii.map((radius, at) => [
    10 * at,
    3,
    radius < 0 ? -1 : 3,
    Math.max(0, radius),
    radius < 0 ? 0 : 1,
    '0:00:01',
  ]);
  const path = join(folders.out, name);
  writeFileSync(path, HEADER + rows.map((row) => `${row.join('\t')}\n`).join(''));
  return path;
};
/** So many that are certified to 1, of 60, from a place on. */
const block = (from: number, count: number) =>
  Array.from({ length: 60 }, (_, at) => (at >= from && at < from + count ? 1 : 0.1));

beforeAll(async () => {
  folders.out = temporaryFolder(afterAll);
  const { out } = folders;
  const model = join(temporaryFolder(afterAll), 'other.onnx');
  writeFileSync(model, smallModel({ nudge: 3 }));
  const request = { out: join(out, 'perimeter-results') };
  mkdirSync(request.out);
  for (const [run, mode, more] of [
    ['before', 'fixed', {}],
    ['after', 'fixed', { model }],
    ['fewer', 'fixed', { limit: 10 }],
    ['decided', 'sequential', {}],
    ['classes', 'predict', {}],
    ['begun', 'fixed', {}],
  ] as const) {
    await smallRun(mode, request.out, { run, seed: run, ...more, ...request });
  }
  rmSync(join(request.out, 'runs/begun/manifest.json'));
  file('sigma_0.50', block(0, 12));
  file('newer.tsv', block(37, 3));
});

describe('perimeter report', () => {
  it('prints the table of one run, with the counts of its summary', async () => {
    const { code, stdout, stderr } = await cli('report', 'before');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const path = join(folders.out, 'perimeter-results/runs/before/summary.json');
    const summary = JSON.parse(readFileSync(path, 'utf8')) as { curve: { radius: number; certified: number }[] };
    const zero = summary.curve.find(({ radius }) => radius === 0);
    expect(stdout).toMatch(new RegExp(`^  0\\.00 +${zero?.certified} `, 'm'));
    expect(stdout).toContain('24 examples, σ = 0.25, n0 = 20, n = 300, α = 0.001');
    expect(stdout).not.toMatch(/\u001b/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('ends in silence where its reader has seen enough', async () => {
    const radii = Array.from({ length: 4000 }, (_, at) => at / 8000).join(',');
    const args = ['report', 'before', '--radii', radii].map((arg) => JSON.stringify(arg)).join(' ');
    const perimeter = fileURLToPath(new URL('../../bin/perimeter.js', import.meta.url));
    const piped = `${JSON.stringify(process.execPath)} ${JSON.stringify(perimeter)} ${args} | head -1; echo $PIPESTATUS`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', piped], { cwd: folders.out });
    expect({ stdout, stderr }).toEqual({ stdout: 'Certified accuracy of before\n0\n', stderr: '' });
  });

  it('prints runs and files beside each other', async () => {
    const { code, stdout } = await cli(
      'report',
      'before',
      './perimeter-results/runs/after',
      'sigma_0.50',
      '--radii',
      '0,0.1',
      '--sigma=0.5',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model +σ +n0 +n +α? *examples +0\.00 +0\.10 +ACR$|^model .*0\.00 +0\.10 +ACR/m);
    expect(stdout).toMatch(/0\.50 .*100\.00\* +100\.00\*/);
    expect(stdout).toContain('The rows are not all of the same examples.');
  });

  it.each([
    ['table.md', /^\| model +\|/m],
    ['table.tex', /\\toprule/],
    ['table.csv', /^model,.*ACR\r\n/],
    ['table.txt', /certified accuracy \(%\) at radius/],
    ['curves.svg', /^<svg role="img"/],
  ])('writes %s in the format of its name, the same bytes each time, whole', async (name, holds) => {
    const path = join(folders.out, name);
    const write = () => cli('report', 'before', 'after', '--output', name);
    expect(await write()).toEqual({ code: 0, stdout: '', stderr: '' });
    const first = readFileSync(path, 'utf8');
    expect(first).toMatch(holds);
    await write();
    expect(readFileSync(path, 'utf8')).toBe(first);
    expect(readdirSync(folders.out).filter((each) => each.startsWith('.'))).toEqual([]);
  });

  it('gives a machine counts and bounds at the radii', async () => {
    const { code, stdout } = await cli('report', 'sigma_0.50', '--radii', '0,0.5', '--json');
    expect(code).toBe(0);
    const { norm, radii, results } = JSON.parse(stdout) as {
      norm: string;
      radii: number[];
      results: { name: string; setting: object; curve: object[]; notes: string[] }[];
    };
    expect({ norm, radii }).toEqual({ norm: 'l2', radii: [0, 0.5] });
    expect(results[0]).toMatchObject({ name: 'sigma_0.50', setting: { scale: 0.5, mode: 'fixed' }, examples: 60 });
    expect(results[0].curve).toMatchObject([
      { radius: 0, certified: 60 },
      { radius: 0.5, certified: 12, accuracy: 0.2 },
    ]);
  });

  it('names what it was asked that it can not answer, in one sentence', async () => {
    await expectRefusal(
      ['report', 'nowhere'],
      /^perimeter: There is no run nowhere, no recorded study and no file of that name \(file:\/\/.* is not there\): name a run's id/,
    );
    await expectRefusal(['report', './nowhere.tsv'], /nowhere\.tsv is neither a file that is there, nor a run's id/);
    await expectRefusal(['report', 'classes'], /Run classes is of mode "predict", which has no radii/);
    await expectRefusal(
      ['report', 'begun'],
      /Run begun isn't finished, and has no results yet: .*begun\/manifest\.json is not there\./,
    );
    await expectRefusal(
      ['report', 'decided', '--radii', '0,0.2'],
      /decided no radius 0\.2: ask by --radii for some of 0\.00, 0\.10, 0\.25\./,
    );
    await expectRefusal(
      ['report', 'before', '--alpha', '0.01'],
      /--alpha is for files in Cohen's columns, and before is none/,
    );
    await expectRefusal(['report', 'before', '--output', 'table.pdf'], /table\.pdf doesn't tell its format/);
    await expectRefusal(
      ['report', 'before', '--output', 'nowhere/table.md'],
      /The folder of nowhere\/table\.md is not there/,
    );
    await expectRefusal(['report', 'before', '--radii', '0.5,0.25'], /Expected radii of at least 0, ascending/);
    await expectRefusal(['report', 'before', '--json', '--format', 'csv'], /cannot be used with/);
    await expectRefusal(['report', 'newer.tsv'], /give --sigma/);
    expect(existsSync(join(folders.out, 'table.pdf'))).toBe(false);
  });

  it.each(['report', 'compare'])('has help with examples: %s', async (command) => {
    const { code, stdout } = await cli(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  perimeter ${command} `));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('perimeter compare', () => {
  const files = ['sigma_0.50', 'newer.tsv', '--sigma', '0.5'];

  it('has the exact p-value of SciPy for files whose gains and losses are known', async () => {
    const { code, stdout } = await cli('compare', ...files, '--radii', '0,0.5', '--json', '--examples');
    expect(code).toBe(0);
    const { examples, radii } = JSON.parse(stdout) as {
      examples: number;
      radii: { pValue: number; adjustedPValue: number }[];
    };
    expect(examples).toBe(60);
    const indices = (from: number, count: number) => Array.from({ length: count }, (_, at) => 10 * (from + at));
    expect(radii[1]).toMatchObject({
      ...{ radius: 0.5, certifiedA: 12, certifiedB: 3, onlyA: 12, onlyB: 3 },
      ...{ examplesOnlyA: indices(0, 12), examplesOnlyB: indices(37, 3) },
    });
    // SciPy 1.17.1: binomtest(3, 15, 0.5).pvalue is 0.03515625.
    expect(Math.abs(radii[1].pValue / 0.03515625 - 1)).toBeLessThan(1e-12);
    expect(radii[1].adjustedPValue).toBe(2 * radii[1].pValue);
    expect(radii[0]).toMatchObject({ onlyA: 0, onlyB: 0, pValue: 1, adjustedPValue: 1 });
  });

  it('prints a table for people, and ends with 0 whichever does better', async () => {
    const worse = await cli('compare', ...files, '--radii', '0,0.5');
    expect({ code: worse.code, stderr: worse.stderr }).toEqual({ code: 0, stderr: '' });
    expect(worse.stdout).toMatch(/^ +0\.50 +20\.00 +5\.00 +−15\.00 +12 +3 +0\.0352 +0\.0704$/m);
    expect(worse.stdout).toMatch(/^average certified radius +0\.\d{4} +0\.\d{4}$/m);
    const tight = worse.stdout.split('\n').map((line) => line.length);
    expect(Math.max(...tight)).toBeLessThanOrEqual(80);
    const better = await cli('compare', files[1], files[0], '--sigma', '0.5', '--radii', '0.5');
    expect(better.code).toBe(0);
    expect(better.stdout).toContain('+15.00');
  });

  it('writes a table for machines, and a plot', async () => {
    const { stdout } = await cli('compare', ...files, '--radii', '0.5', '--examples', '--format', 'csv');
    expect(stdout.split('\r\n')[1]).toMatch(
      /^0\.50,20\.00,5\.00,-15\.00,12,3,0\.03515\d+,0\.03515\d+,0 10 20 .*110,370 380 390$/,
    );
    const svg = await cli('compare', 'before', 'after', '--format', 'svg');
    expect(svg.stdout).toMatch(/^<svg role="img"/);
  });

  it("writes B's page with A beside it, its links from where it lies", async () => {
    const { code } = await cli('compare', 'before', 'after', '--page', 'page.html', '--output', 'compared.md');
    expect(code).toBe(0);
    const page = readFileSync(join(folders.out, 'page.html'), 'utf8');
    expect(page).toContain('beside baseline before');
    expect(page).toContain('<a href="perimeter-results/runs/after/metrics.json">');
    await expectRefusal(
      ['compare', ...files, '--page', 'other.html'],
      /A page needs two runs, but sigma_0\.50 is a file: leave --page out\./,
    );
    expect(existsSync(join(folders.out, 'other.html'))).toBe(false);
  });

  it('compares sequential mode at the radii that it decided', async () => {
    const { code, stdout } = await cli('compare', 'before', 'decided');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +0\.10 /m);
    expect(stdout).not.toMatch(/^ +0\.50 /m);
    expect(stdout).toContain('≥ 0.');
  });

  it('refuses what is not of the same examples, with the first difference', async () => {
    await expectRefusal(
      ['compare', 'before', 'fewer'],
      /before and fewer are not of the same examples: the one has 24 examples, the other 10\./,
    );
    await expectRefusal(
      ['compare', 'before', 'sigma_0.50'],
      /at row 1 example 0 has label 0 in the one and 3 in the other/,
    );
    await expectRefusal(['compare', 'before', 'classes'], /Run classes is of mode "predict"/);
    await expectRefusal(['compare', 'before', 'decided', '--radii', '0.5'], /decided no radius 0\.5/);
  });
});
