import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../certification/records/summary.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { nanModel } from '../models/nan-model.ts';
import { runCli, type CliResult } from '../support/run-cli.ts';
import { writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { atMost, exactBinomial, upperTails } from '../smoothing/exact-binomial.ts';
import { filesOf, pairs, statistics, studyFile } from './study-files.ts';

interface StudyJson {
  study: string;
  url?: string;
  runs: {
    run: string;
    sigma: number;
    url: string;
    generation: number;
    summary: Summary;
    signature?: { fingerprint: string };
    error?: { code: string; message: string };
  }[];
  table: {
    results: { name: string }[];
    envelope: {
      of: number;
      rho: number;
      curve: { radius: number; certified: number; best: string[]; lower: number; wholeCurveLower: number }[];
    };
  };
}

const jsonOf = ({ stdout }: CliResult) => JSON.parse(stdout) as StudyJson;

/** The rows of all shards of a run, in order. */
function rowsOf(out: string, run: string): { radius: number; correct: boolean }[] {
  const shards = join(out, 'runs', run, 'shards');
  return readdirSync(shards)
    .sort()
    .flatMap((name) => readFileSync(join(shards, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as { radius: number; correct: boolean });
}

/** The least g of 20 with P(Bin(20 − g, 0.001) ≥ certified − g) > 0.0005, in exact integers. */
function leastCount(certified: number): number {
  for (let g = 0; ; g += 1) {
    const { terms, total } = exactBinomial(20 - g, 0.001);
    if (!atMost(upperTails(terms)[Math.max(0, certified - g)], total, 0.0005)) return g;
  }
}

describe('perimeter certify of a study, in one process', () => {
  let out: string;
  let told: CliResult;
  const study = (more: string[] = []) =>
    runCli(['certify', studyFile({ ...statistics, pairs }), '--local', '--processes=1', '--out', out, ...more]);

  beforeAll(async () => {
    out = temporaryFolder(afterAll);
    const file = studyFile({ ...statistics, pairs }, afterAll);
    told = await runCli(['certify', file, '--local', '--processes=1', '--out', out, '--run', 's']);
  });

  it('prints the table, where the runs are and where the study is, in 80 columns and without control characters', () => {
    const { code, stdout, stderr } = told;
    expect(code).toBe(0);
    expect(stderr).toMatch(/run s-0\.25, 1 of 2[^]*run s-0\.5, 2 of 2/);
    expect(stdout).toContain(`Run s-0.25: ${join(out, 'runs/s-0.25')}\nRun s-0.5: ${join(out, 'runs/s-0.5')}\n`);
    expect(stdout.endsWith(`Study s: ${join(out, 'studies/s')}\n`)).toBe(true);
    expect(stdout + stderr).not.toMatch(/\u001b|\r/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80 + out.length);
  });

  it('makes runs that are those of single requests, byte for byte', async () => {
    const alone = temporaryFolder();
    for (const { model, sigma } of pairs) {
      const run = `s-${sigma}`;
      const file = studyFile({ ...statistics, model, sigma });
      const single = await runCli(['certify', file, '--local', '--processes=1', '--out', alone, '--run', run]);
      expect(single.code).toBe(0);
      const files = filesOf(alone, run);
      expect(Object.keys(files)).toContain('shards/00000.jsonl');
      // The commitment has the digest of the request, which says where its run is kept.
      const kept = filesOf(out, run);
      expect({ ...kept, 'commitment.json': '' }).toEqual({ ...files, 'commitment.json': '' });
    }
  });

  it('draws other noise for each run, though they have one seed', () => {
    expect(rowsOf(out, 's-0.25')).not.toEqual(rowsOf(out, 's-0.5'));
  });

  it('records its runs, by model, sigma, generation and claim', () => {
    const record = JSON.parse(readFileSync(join(out, 'studies/s/study.json'), 'utf8')) as unknown;
    expect(record).toEqual({
      version: 1,
      study: 's',
      runs: pairs.map(({ model, sigma }) => {
        const { claimDigest } = JSON.parse(readFileSync(join(out, `runs/s-${sigma}/plan.json`), 'utf8')) as {
          claimDigest: string;
        };
        return { run: `s-${sigma}`, model: `file://${model}`, sigma, generation: 1, claim: claimDigest };
      }),
    });
  });

  it('finds its runs finished when it is asked for again, prints the same and changes nothing', async () => {
    const before = readdirSync(out, { recursive: true }).length;
    const manifest = readFileSync(join(out, 'runs/s-0.5/manifest.json'));
    const again = await study(['--run', 's']);
    expect(again.stdout).toBe(told.stdout);
    expect(again.code).toBe(0);
    expect(readdirSync(out, { recursive: true })).toHaveLength(before);
    expect(readFileSync(join(out, 'runs/s-0.5/manifest.json'))).toEqual(manifest);
  });

  it('prints one JSON object with --json, and nothing else', async () => {
    const result = await study(['--run', 's', '--json']);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    const json = jsonOf(result);
    expect(json).toMatchObject({ study: 's', url: `file://${join(out, 'studies/s')}` });
    expect(json.runs.map(({ run, sigma, generation, summary }) => [run, sigma, generation, summary.examples])).toEqual([
      ['s-0.25', 0.25, 1, 20],
      ['s-0.5', 0.5, 1, 20],
    ]);
    expect(json.table.results.map(({ name }) => name)).toEqual(['s-0.25', 's-0.5']);
  });

  it('goes on where one run is finished and the other is not', async () => {
    const begun = temporaryFolder();
    const common = ['--local', '--processes=1', '--out', begun];
    const file = studyFile({ ...statistics, ...pairs[0] });
    expect((await runCli(['certify', file, ...common, '--run', 's-0.25'])).code).toBe(0);
    const manifest = readFileSync(join(begun, 'runs/s-0.25/manifest.json'));
    const result = await runCli(['certify', studyFile({ ...statistics, pairs }), ...common, '--run', 's']);
    expect(result.code).toBe(0);
    expect(readFileSync(join(begun, 'runs/s-0.25/manifest.json'))).toEqual(manifest);
    expect(filesOf(begun, 's-0.5')['certificates.parquet']).toBe(filesOf(out, 's-0.5')['certificates.parquet']);
    expect(readFileSync(join(begun, 'studies/s/table.md'))).toEqual(readFileSync(join(out, 'studies/s/table.md')));
  });

  it('refuses a name that a study of other runs has, before it does anything', async () => {
    const result = await study(['--run', 's', '--n', '400']);
    // The same ids: then the run's own plan is in the way.
    expect(result.stderr).toMatch(
      /^perimeter: Run s-0\.25 exists in .* with another plan \(request\.n is \d+ there and 400 here\): choose another name/,
    );
    expect(result.code).toBe(2);
    const file = studyFile({ ...statistics, model: fashionMnist.model, sigma: [0.25, 1] });
    const other = await runCli(['certify', file, '--local', '--out', out, '--run', 's']);
    expect(other.stderr).toMatch(
      /^perimeter: Study s is recorded in .*study\.json with other runs \(s-0\.25, s-0\.5\)/,
    );
    expect(other.code).toBe(2);
    expect(readdirSync(join(out, 'runs')).sort()).toEqual(['s-0.25', 's-0.5']);
  });

  it('refuses to carry any run out where a later one is there with another request', async () => {
    const begun = temporaryFolder();
    const common = ['--local', '--processes=1', '--out', begun];
    const later = studyFile({ ...statistics, ...pairs[1], n: 400 });
    expect((await runCli(['certify', later, ...common, '--run', 's-0.5'])).code).toBe(0);
    const result = await runCli(['certify', studyFile({ ...statistics, pairs }), ...common, '--run', 's']);
    expect(result.stderr).toMatch(/^perimeter: Run s-0\.5 exists in .* with another plan/);
    expect(result.code).toBe(2);
    expect(readdirSync(join(begun, 'runs'))).toEqual(['s-0.5']);
  });

  it('is not shown by report where a run of it is another now', async () => {
    const copy = temporaryFolder();
    cpSync(out, copy, { recursive: true });
    rmSync(join(copy, 'runs/s-0.5'), { recursive: true });
    const other = studyFile({ ...statistics, ...pairs[1], n: 400 });
    const common = ['--local', '--processes=1', '--out', copy];
    expect((await runCli(['certify', other, ...common, '--run', 's-0.5'])).code).toBe(0);
    const { code, stdout, stderr } = await runCli(['report', 's', '--out', copy]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^perimeter: Run s-0\.5 isn't the one that its study recorded: .*\n$/);
  });

  it('has its table in Markdown, LaTeX and CSV and its plot beside the record, and report makes the same of it', async () => {
    const files = { markdown: 'table.md', latex: 'table.tex', csv: 'table.csv', svg: 'curves.svg' };
    const kept = (name: string) => readFileSync(join(out, 'studies/s', name), 'utf8');
    expect(readdirSync(join(out, 'studies/s')).sort()).toEqual([...Object.values(files), 'study.json'].sort());
    for (const [format, name] of Object.entries(files)) {
      const reported = await runCli(['report', 's', '--out', out, '--format', format]);
      expect({ code: reported.code, stderr: reported.stderr }).toEqual({ code: 0, stderr: '' });
      expect(reported.stdout).toBe(kept(name));
    }
    const byFolder = await runCli(['report', join(out, 'studies/s/')]);
    expect(told.stdout).toContain(byFolder.stdout.trimEnd());
    expect((await runCli(['report', 's-0.25', 's-0.5', '--out', out])).stdout).toBe(byFolder.stdout);
  });

  it('has an envelope and its bounds that are the recounts of its rows', async () => {
    const { results, envelope } = jsonOf(await study(['--run', 's', '--json'])).table;
    const rows = ['s-0.25', 's-0.5'].map((run) => rowsOf(out, run));
    expect(rows.map(({ length }) => length)).toEqual([20, 20]);
    expect(envelope).toMatchObject({ of: 2, rho: 0.001 });
    expect(envelope.curve.map(({ radius }) => radius)).toEqual([0, 0.25, 0.5, 0.75]);
    for (const { radius, certified, best, lower, wholeCurveLower } of envelope.curve) {
      const counts = rows.map((own) => own.filter((row) => row.correct && row.radius >= radius).length);
      expect(certified).toBe(Math.max(...counts));
      const names = results.map(({ name }) => name);
      expect(best).toEqual(names.filter((_, at) => counts[at] === certified));
      // Of each result by a definition in exact integers, at half of rho.
      expect(Math.round(20 * lower)).toBe(Math.max(...counts.map((count) => leastCount(count))));
      expect(wholeCurveLower).toBeLessThanOrEqual(lower);
    }
  });

  it('is no pair for compare, which says what its runs are', async () => {
    const { code, stderr } = await runCli(['compare', join(out, 'studies/s'), 's-0.5', '--out', out]);
    expect(stderr).toMatch(/holds 2 results, and two are compared: name one of them \(s-0\.25, s-0\.5\)\.$/m);
    expect(code).toBe(2);
  });

  it('is not found by report under another name or in another folder, in one sentence', async () => {
    const folder = join(out, 'studies/other');
    const { code, stderr } = await runCli(['report', folder]);
    expect(stderr).toMatch(/^perimeter: Study other isn't recorded: .*study\.json is not there, .*\n$/);
    expect(code).toBe(2);
  });

  it('signs each run with --sign', async () => {
    const key = join(temporaryFolder(), 'lab.key');
    expect((await runCli(['keys', 'new', key])).code).toBe(0);
    const json = jsonOf(await study(['--run', 's', '--json', '--sign', key]));
    const fingerprints = json.runs.map(({ signature }) => signature?.fingerprint);
    expect(fingerprints[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprints[1]).toBe(fingerprints[0]);
  });
});

describe('a study in which a run fails', () => {
  it('has the others, names the run that failed, and is not recorded; mended, it goes on', async () => {
    const out = temporaryFolder();
    const broken = [pairs[0], { model: join(out, 'nowhere.onnx'), sigma: 0.5 }];
    const run = (some: typeof pairs, more: string[] = []) =>
      runCli(['certify', studyFile({ ...statistics, pairs: some }), '--local', '--out', out, '--run', 's', ...more]);
    const failed = await run(broken);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^perimeter: run s-0\.5 failed: .*nowhere\.onnx/m);
    expect(failed.stderr).toMatch(/^Study s isn't recorded while 1 of its 2 runs is missing: .* --run s goes on\.$/m);
    expect(failed.stdout).toContain('Run s-0.25: ');
    expect(failed.stdout).not.toContain('Run s-0.5');
    const json = jsonOf(await run(broken, ['--json']));
    expect(json.url).toBeUndefined();
    expect(json.runs[0].summary.examples).toBe(20);
    expect(json.runs[1].error).toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('nowhere') as string,
    });
    expect(readdirSync(out)).not.toContain('studies');
    expect((await run(pairs)).code).toBe(0);
  });

  it('ends with exit code 2 where all fail by what was asked for', async () => {
    const model = join(temporaryFolder(), 'nowhere.onnx');
    const file = studyFile({ ...statistics, model, sigma: [0.25, 0.5] });
    const { code, stdout } = await runCli(['certify', file, '--local', '--out', temporaryFolder(), '--json']);
    expect(code).toBe(2);
    expect((JSON.parse(stdout) as StudyJson).runs.map(({ error }) => error?.code)).toEqual(['NotFound', 'NotFound']);
  });

  it('ends with exit code 3 where examples of a finished run failed', async () => {
    const folder = temporaryFolder();
    const model = nanModel({ shape: [1, 4, 4], classes: 3, winner: 2, level: 0.75 });
    const images = [new Uint8Array(16).fill(10), new Uint8Array(16).fill(255)];
    const inputs = writeInputs({ folder, model, images, labels: [2, 2], shape: [4, 4] });
    const file = studyFile({ ...inputs, sigma: [0.1, 0.05], n: 200, maxFailedShare: 0.5, out: join(folder, 'out') });
    const { code, stderr } = await runCli(['certify', file, '--local', '--run', 's']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^1 example of run s-0\.1 failed: "perimeter retry s-0\.1" tries them again\.$/m);
  });
});

describe('a study is refused with exit code 2 by', () => {
  const several = ['--model', fashionMnist.model, '--dataset', fashionMnist.dataset, '--sigma', '0.25,0.5'];
  it.each([['predict'], ['plan']])('perimeter %s', async (command) => {
    const { code, stderr, stdout } = await runCli([command, ...several, '--n', '300']);
    expect(stderr).toBe(
      'perimeter: the flags: several "sigma" ask for a study, which "perimeter certify" alone carries out: name one "model" and one "sigma".\n',
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('perimeter schedule create', async () => {
    const file = studyFile({
      lines: {
        a: { schedule: { cron: '0 2 * * *' }, request: { ...statistics, model: 'm.onnx', sigma: [0.25, 0.5] } },
      },
    });
    const { code, stderr } = await runCli(['schedule', 'create', file]);
    expect(stderr).toMatch(/line "a": several "sigma" ask for a study/);
    expect(code).toBe(2);
  });

  it('perimeter certify, where its list is empty, with nothing written', async () => {
    const out = temporaryFolder();
    const file = studyFile({ ...statistics, pairs: [], out });
    const { code, stderr } = await runCli(['certify', file, '--local']);
    expect(stderr).toMatch(/^perimeter: .*"pairs" is an empty list: expected at least one, such as .*\n$/);
    expect(code).toBe(2);
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('perimeter certify --help', () => {
  it('tells of studies, with an example, in 80 columns', async () => {
    const { code, stdout } = await runCli(['certify', '--help'], { env: { COLUMNS: '80' } });
    expect(code).toBe(0);
    expect(stdout).toContain('perimeter certify request.yaml --sigma 0.25,0.5 --run study-7');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
