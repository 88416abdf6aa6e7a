import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSampler } from '../../certification/sampler.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { cpu } from '../../certification/records/device.ts';
import { openStubPool } from '../../certification/classifier/stub-pool.ts';
import { phases, type Phase } from '../../certification/noise/phases.ts';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { runCli } from '../support/run-cli.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { createVerifier } from '../support/small-runs.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const stub = { examples: 2_000, classes: 3, pA: { a: 5, b: 2 }, secondsPerSample: 0 };
const setup = {
  batchSize: 64,
  shape: [1, 1, 1],
  classes: 3,
  elementType: 'int16',
  sigma: 1,
  stepsPerUnit: 255,
} as const;
const pool = openStubPool({ stub, setup: { ...setup, threads: 1, device: cpu }, processes: 1 });

interface Range {
  readonly example: number;
  readonly from: number;
  readonly to: number;
  readonly key?: readonly [number, number];
  readonly phase?: Phase;
}

/** Counts by class, the last of NaN, of each range. */
async function counts(ranges: readonly Range[]): Promise<number[][]> {
  const all: number[][] = [];
  for (const { key = [1, 2] as const, phase = phases.estimation, ...range } of ranges) {
    const reply = await pool.count({ key, phase, mixed: true, segments: [{ ...range, pixels: new Uint8Array(1) }] });
    all.push(...reply.counts.map((each) => [...each]));
  }
  return all;
}

const sum = (rows: readonly number[][]) => rows[0].map((_, k) => rows.reduce((total, row) => total + row[k], 0));

describe('a stub', () => {
  it('draws the same counts however the samples are cut', async () => {
    const [whole] = await counts([{ example: 7, from: 0, to: 1_000 }]);
    const cuts = [0, 1, 6, 300, 301, 302, 303, 999, 1_000];
    const pieces = cuts.slice(1).map((to, at) => ({ example: 7, from: cuts[at], to }));
    expect(sum(await counts(pieces.reverse()))).toEqual(whole);
    expect(whole.reduce((a, b) => a + b)).toBe(1_000);
  });

  it('draws other samples for another key, phase or example, of the same probability for one example', async () => {
    const one = { example: 7, from: 0, to: 100_000 };
    const [[, drawn], [, keyed], [, phased], [, , other]] = await counts([
      one,
      { ...one, key: [1, 3] },
      { ...one, phase: phases.selection },
      { ...one, example: 8 },
    ]);
    expect(new Set([drawn, keyed, phased, other]).size).toBe(4);
    // Ten standard deviations of a difference of two such counts are at most 2,237.
    expect(Math.abs(keyed - drawn)).toBeLessThan(2_237);
    expect(Math.abs(phased - drawn)).toBeLessThan(2_237);
  });

  it('gives probabilities of its law to the labels, and the rest to the next class', async () => {
    const { a, b } = stub.pA;
    const n = 400;
    const rows = await counts(Array.from({ length: stub.examples }, (_, example) => ({ example, from: 0, to: n })));
    rows.forEach((row, example) => {
      expect(row[example % 3] + row[(example + 1) % 3]).toBe(n);
    });
    const shares = rows.map((row, example) => row[example % 3] / n);
    const mean = shares.reduce((total, share) => total + share, 0) / stub.examples;
    const variance = shares.reduce((total, share) => total + (share - mean) ** 2, 0) / stub.examples;
    // Of the law, and of a count of n with a probability of the law; five standard errors of each.
    const lawMean = a / (a + b);
    const lawVariance = (a * b) / ((a + b) ** 2 * (a + b + 1));
    const seen = lawVariance + (lawMean * (1 - lawMean) - lawVariance) / n;
    expect(Math.abs(mean - lawMean)).toBeLessThan(5 * Math.sqrt(seen / stub.examples));
    expect(Math.abs(variance - seen)).toBeLessThan(5 * seen * Math.sqrt(2 / stub.examples));
  });

  it('takes the time that it was given, unless it is told to stop', async () => {
    const slow = openStubPool({
      stub: { ...stub, secondsPerSample: 0.001 },
      setup: { ...setup, threads: 1, device: cpu },
      processes: 1,
    });
    const segments = [{ example: 0, pixels: new Uint8Array(1), from: 0, to: 300 }];
    const request = { key: [1, 2], phase: phases.estimation, mixed: true, segments } as const;
    expect((await slow.count(request)).inferenceMs).toBeGreaterThan(295);
    const stopped = await slow.count(request, AbortSignal.timeout(20));
    expect(stopped.inferenceMs).toBeLessThan(200);
    expect(stopped.counts).toEqual((await pool.count(request)).counts);
  });

  it('has a dataset that takes no memory', async () => {
    const sampler = createSampler({ processes: 1 });
    const dataset = await sampler.loadDataset(stubRequest({ stub: { examples: 2 ** 32 - 1 } }));
    expect(await dataset.read(4_000_000_007)).toMatchObject({ index: 4_000_000_007, label: 7 });
    await expect(dataset.read(2 ** 32 - 1)).rejects.toThrow('of 4294967295');
  });
});

describe('a request with a stub', () => {
  it.each(['model', 'dataset', 'labels', 'normalisation'])('has no %s', (key) => {
    expect(() => parseRequest({ sigma: 1, stub, [key]: 'a.file' }, 'r.yaml')).toThrow(
      `r.yaml: with "stub" no model is run and no dataset read: leave out "${key}", or "stub".`,
    );
  });

  it('is what it was when it is read again', () => {
    const request = stubRequest({});
    expect(request).toMatchObject({ model: 'stub:', dataset: 'stub:' });
    expect(parseRequest(request, 'again')).toEqual(request);
  });
});

describe('a run of a stub', () => {
  const { verify, close } = createVerifier();
  afterAll(close);

  it('says everywhere that no model was run, and fails verification by that alone', async () => {
    const out = temporaryFolder();
    const { folder, summary, plan } = await runLocally(stubRequest({ seed: 'stub', out }));
    expect(plan.claim).toMatchObject({ stub: { pA: { a: 8, b: 1 } }, arithmetic: { provider: 'stub' } });
    expect(summary.simulated).toBe(true);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('<title>Simulated: certified accuracy');
    expect(page).toContain('SIMULATED: no model was run, and nothing here is certified.');
    expect(readFileSync(join(folder, 'curve.svg'), 'utf8')).toContain('Simulated: certified accuracy');
    expect(summary.mode !== 'predict' && accuracyTable(summary)).toMatch(/^SIMULATED: no model was run/);
    const { sound, failed, of } = await verify(folder);
    expect(sound).toBe(false);
    expect(failed).toEqual(['model']);
    expect(of('model')?.detail).toContain('none was run');
    expect(of('replay')).toMatchObject({ status: 'passed' });
    expect((await runCli(['verify', folder, '--replay', '0'])).code).toBe(1);
  });

  it.each([{ radii: [0, 0.25] }, { mode: 'predict' as const }])('is simulated in other modes too: %o', async (mode) => {
    const { summary } = await runLocally(stubRequest({ out: temporaryFolder(), ...mode }));
    expect(summary).toMatchObject({ simulated: true, examples: 100 });
  });

  it('leaves the same bytes with other shards', async () => {
    const out = temporaryFolder();
    const request = stubRequest({ seed: 'stub', out });
    const of = async (shardSize: number) => resultBytes((await runLocally({ ...request, shardSize })).folder);
    expect(await of(7)).toEqual(await of(100));
  });
});
