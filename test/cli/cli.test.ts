import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requestJsonSchema } from '../../certification/records/request.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { nanModel } from '../models/nan-model.ts';
import { writeInputs } from '../support/run-locally.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { model, dataset, labels } = fashionMnist;
const certify = [
  '--model',
  model,
  '--dataset',
  dataset,
  '--labels',
  labels,
  '--sigma',
  '0.25',
  '--limit',
  '6',
  '--local',
];

describe('perimeter certify --local', () => {
  it('prints the table and where the files are, and no control characters without a terminal', async () => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await runCli(['certify', ...certify, '--n', '300', '--out', out, '--run', 'here']);
    expect(code).toBe(0);
    expect(stdout).toContain('Certified accuracy of 6 examples');
    expect(stdout).toContain(`Run here: ${join(out, 'runs', 'here')}`);
    expect(stdout + stderr).not.toMatch(/\u001b|\r/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80 + out.length);
  });

  it('prints one JSON object with --json', async () => {
    const out = temporaryFolder();
    const { stdout, stderr } = await runCli(['certify', ...certify, '--n', '300', '--out', out, '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ summary: { examples: 6, mode: 'fixed', failed: 0 } });
  });
});

describe('a run with failed examples', () => {
  it('ends with exit code 3, or with 1 where more failed than it allows', async () => {
    const folder = temporaryFolder();
    const model = nanModel({ shape: [1, 4, 4], classes: 3, winner: 2, level: 0.75 });
    const images = [new Uint8Array(16).fill(10), new Uint8Array(16).fill(255)];
    const inputs = writeInputs({ folder, model, images, labels: [2, 2], shape: [4, 4] });
    const flags = ['--model', inputs.model, '--dataset', inputs.dataset, '--labels', inputs.labels ?? ''];
    const run = ['certify', ...flags, '--sigma', '0.1', '--n', '200', '--local', '--out', join(folder, 'out')];
    const allowed = await runCli([...run, '--max-failed-share', '0.5']);
    expect(allowed.code).toBe(3);
    expect(allowed.stdout).toMatch(/not certified +0 abstained, 0 skipped, 1 failed/);
    const refused = await runCli([...run, '--run', 'strict']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/1 of 2 examples of run strict failed, more than the share of 0\.05/);
    expect(existsSync(join(folder, 'out', 'runs', 'strict', 'manifest.json'))).toBe(false);
  });
});

describe('perimeter certify with a group of statistics', () => {
  it('is what the same keys beside the rest are, and flags override it', async () => {
    const out = temporaryFolder();
    const request = join(out, 'request.yaml');
    const sampling = 'sampling: { mode: sequential, radii: [0.25], n0: 20, n: 400, alpha: 0.01 }';
    writeFileSync(
      request,
      JSON.stringify({ model, dataset, labels, sigma: 0.25, limit: 4 }).slice(0, -1) + `, ${sampling} }`,
    );
    const common = ['--local', '--processes=1', '--seed', 'group', '--out', out];
    const grouped = await runCli(['certify', request, ...common, '--n', '300', '--json']);
    const flat = ['--model', model, '--dataset', dataset, '--labels', labels, '--sigma', '0.25', '--limit', '4'];
    const own = ['--radii', '0.25', '--n0', '20', '--n', '300', '--alpha', '0.01'];
    const apart = await runCli(['certify', ...flat, ...own, ...common, '--json']);
    expect(grouped.code).toBe(0);
    const summaryOf = (stdout: string) => (JSON.parse(stdout) as { summary: unknown }).summary;
    expect(summaryOf(grouped.stdout)).toEqual(summaryOf(apart.stdout));
    expect(summaryOf(grouped.stdout)).toMatchObject({ mode: 'sequential' });
  });
});

describe('perimeter predict --local', () => {
  it('writes the answers and their p-values', async () => {
    const out = temporaryFolder();
    const { code, stdout } = await runCli(['predict', ...certify, '--n', '100', '--out', out, '--run', 'p']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/accuracy +\d+\.\d\d % of 6 examples/);
    const rows = readFileSync(join(out, 'runs/p/shards/00000.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(rows[0])).toMatchObject({ index: 0, n: 100, pValue: expect.any(Number) as number });
  });
});

describe('perimeter plan', () => {
  it('says shards, samples, time and noise budget, and writes nothing', async () => {
    const flags = certify.filter((flag) => flag !== '--local');
    const { code, stdout } = await runCli(['plan', ...flags, '--n', '10000', '--json']);
    expect(code).toBe(0);
    const plan = JSON.parse(stdout) as Record<string, number>;
    expect(plan).toMatchObject({ samples: 6 * 10_100 });
    expect(plan.shards * plan.shardSize).toBeGreaterThanOrEqual(6);
    expect(plan.seconds).toBeCloseTo(plan.samples / plan.samplesPerSecond, 6);
    expect(plan.noiseBudget).toBeGreaterThan(0);
    expect(plan.noiseBudget).toBeLessThan(1e-12);
  });

  it('expects in sequential mode what a pilot cost, and says how surely', async () => {
    const flags = certify.filter((flag) => flag !== '--local').map((flag) => (flag === '6' ? '100' : flag));
    const request = [...flags, '--n', '5000', '--radii', '0.25,0.5'];
    const { code, stdout } = await runCli(['plan', ...request, '--json']);
    expect(code).toBe(0);
    const { expected, samples, seconds, samplesPerSecond } = JSON.parse(stdout) as {
      expected: { pilotExamples: number; samplesPerExample: number; samples: number; interval: [number, number] };
      samples: number;
      seconds: number;
      samplesPerSecond: number;
    };
    expect(samples).toBe(100 * 5_100);
    expect(expected.pilotExamples).toBe(5);
    expect(expected.samples).toBe(Math.round(100 * expected.samplesPerExample));
    expect(expected.samplesPerExample).toBeLessThan(5_100);
    expect(expected.interval[0]).toBeLessThan(expected.samples);
    expect(expected.interval[1]).toBeGreaterThan(expected.samples);
    expect(seconds).toBeCloseTo(expected.samples / samplesPerSecond, 6);
    const told = await runCli(['plan', ...request]);
    expect(told.stdout).toMatch(/^expected +[\d,]+ samples \(95 % interval [\d,]+ to [\d,]+\)$/m);
  });
});

describe('perimeter bound', () => {
  it('answers one case a line from standard input', async () => {
    const input = '{"count":9990,"n":10000,"alpha":0.001}\n\n{"count":50,"n":100,"alpha":0.001}\n';
    const { code, stdout } = await runCli(['bound', '--jsonl'], { input });
    expect(code).toBe(0);
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number | boolean>);
    expect(first).toMatchObject({ count: 9990, n: 10000, alpha: 0.001, abstain: false });
    expect(first.lowerBound).toBeCloseTo(0.99758830803, 10);
    expect(second).toMatchObject({ abstain: true, radiusPerSigma: 0 });
  });

  it.each([
    [['--distribution', 'uniform', '--lambda', '0.5'], 'radius           0.497588 in ℓ1'],
    [['--distribution', 'uniform'], 'radius           0.995176 lambda in ℓ1'],
    [['--distribution', 'uniform', '--lambda', '0.5', '--norm', 'linf', '--dimensions', '100'], '0.004975 in ℓ∞'],
    [['--sigma', '0.25'], 'radius           0.704649\n'],
    [['--sigma', '0.25', '--norm', 'linf', '--dimensions', '3072'], 'radius           0.012713 in ℓ∞'],
    [['--sigma', '0.25', '--norm', 'l1'], 'radius           0.704649 in ℓ1'],
  ])('tells the radius of other laws and norms: %j', async (flags, line) => {
    const counts = ['--count', '9990', '--n', '10000', '--alpha', '0.001'];
    const { code, stdout } = await runCli(['bound', ...counts, ...flags]);
    expect(stdout).toContain(line);
    expect(code).toBe(0);
  });

  it.each([
    [['--count', '9', '--n', '10', '--alpha', '0.1', '--norm', 'linf'], /this norm needs dimensions/],
    [['--count', '9', '--n', '10', '--alpha', '0.1', '--lambda', '0.5'], /lambda of uniform noise/],
    [
      ['--count', '9', '--n', '10', '--alpha', '0.1', '--distribution', 'uniform', '--sigma', '1'],
      /sigma is of gaussian/,
    ],
    [['--count', '9', '--n', '10', '--alpha', '0.1', '--norm', 'l3'], /norm is "l3"/],
    [['--count', '11', '--n', '10', '--alpha', '0.1'], /count must not exceed n/],
    [['--count', '1', '--n', '10', '--alpha', '2'], /alpha is 2/],
    [['--count', '1', '--alpha', '0.1'], /n is missing/],
  ])('refuses %j', async (flags, sentence) => {
    const { code, stderr } = await runCli(['bound', ...flags]);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
  });

  it('names the line of a case that it cannot read', async () => {
    const { code, stderr } = await runCli(['bound', '--jsonl'], { input: '{"count":9,"n":10,"alpha":0.1}\n{oops\n' });
    expect(stderr).toMatch(/line 2/);
    expect(code).toBe(2);
  });
});

describe('perimeter model and dataset inspect', () => {
  it('say what the certifier sees', async () => {
    const seen = await runCli(['model', 'inspect', model, '--json']);
    expect(JSON.parse(seen.stdout)).toMatchObject({ classes: 10, shape: [1, 28, 28] });
    const data = await runCli(['dataset', 'inspect', dataset, '--labels', labels, '--json']);
    expect(JSON.parse(data.stdout)).toMatchObject({ examples: 500, shape: [1, 28, 28], onLattice: true });
  });

  it('say what is in a folder of images, and warn of labels that look wrong', async () => {
    const files = fileURLToPath(new URL('../datasets/files', import.meta.url));
    const flags = ['--resize', '24', '--crop', '24', '--digest'];
    const named = await runCli([
      ...['dataset', 'inspect', `${files}/imagenet-val`, ...flags],
      ...['--labels', `${files}/imagenet-labels/LOC_val_solution.csv`],
      ...['--classes', `${files}/imagenet-labels/LOC_synset_mapping.txt`],
    ]);
    expect(named).toMatchObject({ code: 0, stderr: '' });
    expect(named.stdout).toMatch(
      /^examples {2}8\nshape {5}3×24×24 \(channels first\)\nvalues .*: on the lattice of 1\/255\nSHA-256 {3}[0-9a-f]{64}\nlabel {2}examples\n {4}0 {2}2 {9}tench, Tinca tinca\n/,
    );
    const folder = await runCli(['dataset', 'inspect', `${files}/image-folder`, '--crop', '12', '--model', model]);
    expect(folder.stderr).toMatch(/^Warning: The dataset counts 3 classes by name, and the model has 10: .*\n$/);
    expect(folder.stdout).toMatch(/of those that a run certifies; of all with --digest/);
    const wrong = await runCli(['dataset', 'inspect', `${files}/image-folder`, '--resize', '12', '--crop', '24']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr:
        'perimeter: the flags: "crop" is 24, more than the shorter side that "resize" makes (12): a crop lies within the image.\n',
    });
  });
});

describe('without a server', () => {
  it('certify says how to start one, and how to do without', async () => {
    const flags = certify.filter((flag) => flag !== '--local');
    const { code, stderr } = await runCli(['certify', ...flags, '--address', '127.0.0.1:1']);
    expect(stderr).toMatch(/Temporal can't be reached at 127\.0\.0\.1:1: start one with "perimeter dev".*--local/);
    expect(code).toBe(1);
  });
});

describe('a server without the namespace', () => {
  it('is told by a sentence', async () => {
    const server = await startTemporalServer();
    try {
      const { code, stderr } = await runCli([
        'schedule',
        'show',
        'any',
        '--address',
        server.address,
        '--namespace',
        'none',
      ]);
      expect(stderr).toBe('perimeter: Temporal has no such namespace: correct --namespace or TEMPORAL_NAMESPACE.\n');
      expect(code).toBe(2);
    } finally {
      await server.stop();
    }
  });
});

describe('every command', () => {
  it.each([
    'certify',
    'predict',
    'plan',
    'verify',
    'sign',
    'keys',
    'status',
    'cancel',
    'pause',
    'resume',
    'concurrency',
    'worker',
    'dev',
    'deployment show',
    'deployment rollout',
    'gc',
    'schedule',
    'schedule create',
    'schedule backfill',
    'model inspect',
    'model stack',
    'dataset inspect',
    'bound',
  ])('%s has help with an example', async (command) => {
    const { code, stdout } = await runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n.*perimeter ${command}`));
  });
});

describe('docs/request.schema.json', () => {
  it('is the schema that requests are read by', () => {
    const path = fileURLToPath(new URL('../../docs/request.schema.json', import.meta.url));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(requestJsonSchema());
  });
});
