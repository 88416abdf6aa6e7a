import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summarySchema, type Summary } from '../../certification/records/summary.ts';
import { peerLog, peerLogs, recount } from '../exchange/peer-logs.ts';
import { runCli } from '../support/run-cli.ts';
import { smallRun } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HEADER = 'idx\tlabel\tpredict\tradius\tcorrect\ttime';
const PLAIN = { env: { NO_COLOR: '1' } };
const cwd = temporaryFolder(afterAll);

/** A file in the tests' folder, with its parent folders. */
function put(name: string, content: string): string {
  mkdirSync(dirname(join(cwd, name)), { recursive: true });
  writeFileSync(join(cwd, name), content);
  return name;
}

const run = (...args: string[]) => runCli(args, { cwd, ...PLAIN });
const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('perimeter import cohen', () => {
  it('prints for each file the table that a run ends with, then what to know of it, in 80 columns', async () => {
    const names = ['noise_0.25/test/sigma_0.25', 'noise_0.50/test/sigma_0.50'] as const;
    for (const name of names) put(name, peerLog(name).text);
    const { code, stdout, stderr } = await run('import', 'cohen', ...names);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    const [first, second] = stdout.split(`\n${names[1]}\n`);
    expect(first.startsWith(`${names[0]}\n\nIMPORTED: made elsewhere; nothing of it was checked here.\n`)).toBe(true);
    expect(first).toMatch(/ {2}0\.25 +300 +60\.00 %/);
    expect(second).toMatch(/ {2}1\.50 +47 +9\.40 %/);
    expect(first.replaceAll(/\n {2}/g, ' ')).toContain('- α = 0.01 is taken, as the radii tell it.');
    expect(second.replaceAll(/\n {2}/g, ' ')).toContain('α = 0.001 is contradicted by radius 1.96');
  });

  it('prints as JSON file, summary and notes, and nothing else, with the counts of the files', async () => {
    for (const name of peerLogs) put(name, peerLog(name).text);
    const { code, stdout } = await run('import', 'cohen', ...peerLogs, '--json');
    expect(code).toBe(0);
    const all = JSON.parse(stdout) as { file: string; summary: Summary; notes: string[] }[];
    expect(all.map(({ file }) => file)).toEqual(peerLogs);
    all.forEach((each, at) => {
      expect(Object.keys(each)).toEqual(['file', 'summary', 'notes']);
      expect(summarySchema.parse(each.summary)).toEqual(each.summary);
      const { text } = peerLog(peerLogs[at]);
      for (const radius of [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]) {
        expect(each.summary.curve.find((point) => point.radius === radius)?.certified).toBe(recount(text, radius));
      }
    });
  });

  it('has no summary of a header alone', async () => {
    const file = put('empty/sigma_0.25', `${HEADER}\n`);
    const { code, stdout } = await run('import', 'cohen', file, '--json');
    expect({ code, all: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      all: [{ file, summary: null, notes: ['There is no example in the file, so no summary.'] }],
    });
    expect((await run('import', 'cohen', file)).stdout).toBe(
      `${file}\n\n- There is no example in the file, so no summary.\n`,
    );
  });

  it('reads its table at the radii that are asked for, and takes what the file doesn’t say from flags', async () => {
    const file = put('sigma_0.25', peerLog('noise_0.25/test/sigma_0.25').text);
    const flags = [
      '--radii',
      '0.1,0.9',
      '--alpha',
      '0.001',
      '--n0',
      '10',
      '--n',
      '100000',
      '--sigma',
      '0.25',
      '--rho',
      '0.01',
    ];
    const { stdout } = await run('import', 'cohen', file, ...flags);
    const rows = stdout.split('\n').filter((line) => /^ +0\.\d+ +\d+/.test(line));
    expect(rows.map((row) => row.trim().split(/ +/).slice(0, 2))).toEqual([
      ['0.10', String(recount(peerLog('noise_0.25/test/sigma_0.25').text, 0.1))],
      ['0.90', String(recount(peerLog('noise_0.25/test/sigma_0.25').text, 0.9))],
    ]);
    expect(stdout).toContain('probability 1 − 0.01)');
    expect(stdout).toContain('- α = 0.001 was given, but the radii contradict it.');
    expect(stdout).not.toContain('assumed');
  });

  it('names norm and noise where they aren’t the usual ones', async () => {
    const file = put('sigma_0.25', peerLog('noise_0.25/test/sigma_0.25').text);
    expect((await run('import', 'cohen', file, '--norm', 'l1')).stdout).toContain(
      '500 examples, ℓ1 radii, uniform noise',
    );
    expect((await run('import', 'cohen', file, '--norm', 'linf')).stdout).toContain('500 examples, ℓ∞ radii\n');
    const { code, stderr } = await run('import', 'cohen', file, '--norm', 'l1', '--audit');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'perimeter: --audit is of l2 radii of Gaussian noise alone: leave --norm out.\n',
    });
  });

  it('prints the levels that can have given the radii, in 80 columns or as JSON', async () => {
    const file = put('sigma_0.25', peerLog('noise_0.25/test/sigma_0.25').text);
    const { code, stdout } = await run('import', 'cohen', file, '--audit');
    expect(code).toBe(0);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^ *100,000 +0\.001 +0\.9528 +not 0\.978 +not 0\.978 +not 0\.978$/m);
    expect(stdout).toMatch(/^ *100,000 +0\.01 +0\.9776 +fits, 43 +not 0\.978 +not 0\.978$/m);
    expect(stdout.match(/^ *1,000,000 /gm)).toHaveLength(9);
    const json = await run('import', 'cohen', file, '--audit', '--n', '100000', '--json');
    const [audit] = JSON.parse(json.stdout) as {
      file: string;
      findings: { alpha: number; fit: { rounded: unknown } }[];
    }[];
    expect(audit.file).toBe(file);
    expect(audit.findings).toHaveLength(18);
    expect(audit.findings[5]).toMatchObject({ n: 100_000, alpha: 0.01, fit: { rounded: { fits: true, telling: 43 } } });
  });

  it('writes summary, curve and page of each file, in folders of their own, and not over others', async () => {
    const names = ['noise_0.25/test/sigma_0.50', 'noise_0.50/test/sigma_0.50'] as const;
    for (const name of names) put(`logs/${name}`, peerLog(name).text);
    const files = names.map((name) => `logs/${name}`);
    const { code, stdout, stderr } = await run('import', 'cohen', ...files, '--out', 'imported', '--json');
    expect(code).toBe(0);
    expect(stderr.trim().split('\n')).toEqual(names.map((name) => join(cwd, 'imported', name, 'report.html')));
    const summaries = (JSON.parse(stdout) as { summary: Summary }[]).map(({ summary }) => summary);
    names.forEach((name, at) => {
      const read = (file: string) => readFileSync(join(cwd, 'imported', name, file), 'utf8');
      expect(JSON.parse(read('summary.json'))).toEqual(summaries[at]);
      expect(read('curve.svg')).toContain('Imported: certified accuracy at σ = 0.5');
      expect(read('report.html')).toContain('IMPORTED: made elsewhere');
    });
    const again = await run('import', 'cohen', ...files, '--out', 'imported');
    expect(again.code).toBe(0);
    const changed = await run('import', 'cohen', ...files, '--alpha', '0.002', '--out', 'imported');
    expect(changed.code).toBe(2);
    expect(changed.stderr).toMatch(
      /^perimeter: .*summary\.json is there already, and not what logs\/noise_0\.25.* gives: remove it, or choose another --out\.\n$/,
    );
  });

  it.each([
    ['picture.png', '\u0089PNG\r\n', /^perimeter: picture\.png, line 1: it is no tab-separated file of certificates/],
    ['sigma_0.5', `${HEADER.replace('radius', 'r')}\n`, /^perimeter: sigma_0\.5, line 1: expected the columns/],
    ['sigma_0.5', `${HEADER}\n0\t1\t1\tnan\t1\t1.0\n`, /^perimeter: sigma_0\.5, line 2: radius is "nan"/],
    [
      'sigma_0.5',
      `${HEADER}\n0\t1\t1\t0.5\t1\t1.0\n1\tcat\t1\t0.5\t1\t1.0\n`,
      /^perimeter: sigma_0\.5, line 3: label is "cat"/,
    ],
    [
      'run.tsv',
      `${HEADER}\n0\t1\t1\t0.5\t1\t1.0\n`,
      /^perimeter: run\.tsv doesn't say the noise's σ.* give --sigma\.$/,
    ],
  ])('refuses a bad file by one sentence, and writes nothing: %s %j', async (name, content, sentence) => {
    const good = put('good/sigma_0.25', peerLog('noise_0.25/test/sigma_0.25').text);
    const { code, stdout, stderr } = await run('import', 'cohen', good, put(name, content), '--out', 'refused');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr.trim()).toMatch(sentence);
    expect(existsSync(join(cwd, 'refused'))).toBe(false);
  });

  it.each([
    [['nowhere'], '/nowhere.'],
    [['sigma_0.25', '--alpha', '0.7'], 'Expected a number above 0 and at most 0.5.'],
    [['sigma_0.25', '--n', 'many'], "option '--n <n>' argument 'many' is invalid"],
    [['sigma_0.25', '--radii', '0,x'], 'Expected radii of at least 0, ascending, with commas between: 0,0.25,0.5.'],
    [['sigma_0.25', '--radii', '0.123456'], 'no certified accuracy at radius 0.123456'],
  ])('refuses bad flags by one sentence: %j', async (args, sentence) => {
    put('sigma_0.25', peerLog('noise_0.25/test/sigma_0.25').text);
    const { code, stdout, stderr } = await run('import', 'cohen', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(sentence);
  });
});

describe('perimeter export cohen', () => {
  const rows = (text: string) => text.trimEnd().split('\n').length - 1;

  beforeAll(async () => {
    mkdirSync(join(cwd, 'perimeter-results'));
    await smallRun('fixed', join(cwd, 'perimeter-results'), {
      run: 'fixed',
      sigma: 0.12,
      n: 2000,
      skipMisclassified: true,
    });
    await smallRun('predict', join(cwd, 'perimeter-results'), { run: 'predict' });
  }, 60_000);

  it('prints a run by id or folder, which an import reads again', async () => {
    const { code, stdout, stderr } = await run('export', 'cohen', 'fixed');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Warning: \d+ skipped and 0 failed examples are written as abstentions\.\n$/);
    expect(stdout.startsWith(`${HEADER}\n`)).toBe(true);
    expect(rows(stdout)).toBe(24);
    expect((await run('export', 'cohen', './perimeter-results/runs/fixed')).stdout).toBe(stdout);
    const again = await run('import', 'cohen', put('again/sigma_0.12', stdout), '--n', '2000');
    expect(again.stdout).toContain('can be those of α = 0.001 alone');
  });

  it('writes a file once, whole, and says what as JSON', async () => {
    const first = await run('export', 'cohen', 'fixed', '--out-file', 'out/fixed.tsv', '--json');
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ run: 'fixed', file: 'out/fixed.tsv', rows: 24 });
    expect(rows(readFileSync(join(cwd, 'out/fixed.tsv'), 'utf8'))).toBe(24);
    const second = await run('export', 'cohen', 'fixed', '--out-file', 'out/fixed.tsv');
    expect(second).toMatchObject({
      code: 2,
      stderr: 'perimeter: out/fixed.tsv is there already: remove it, or choose another --out-file.\n',
    });
  });

  it.each([
    [['predict'], 'Run predict is of mode "predict", which has no radii'],
    [['nothing'], 'nothing'],
    [['fixed', '--out', 'elsewhere'], 'fixed'],
    [['fixed', '--json'], '--json would stand among the rows: give --out-file a file.'],
  ])('refuses by one sentence: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await run('export', 'cohen', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^perimeter: .*\n$/);
    expect(stderr).toContain(sentence);
  });
});

describe.each([
  ['import', 'perimeter import cohen sigma_0.25 --audit'],
  ['export', 'perimeter export cohen nightly-7 > sigma_0.25'],
])('perimeter %s cohen --help', (name, example) => {
  it('has an example, and fits 80 columns', async () => {
    const { code, stdout } = await run(name, 'cohen', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(example);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });
});
