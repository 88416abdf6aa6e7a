import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deviceNoiseBudget } from '../../certification/noise/device-noise-budget.ts';
import { readRows } from '../../certification/read-rows.ts';
import { putRows } from '../../certification/put-rows.ts';
import type { Claim } from '../../certification/records/claim.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { NOT_REPLAYABLE } from '../../certification/report/not-replayable.ts';
import type { Summary } from '../../certification/records/summary.ts';
import { createSampler } from '../../certification/sampler.ts';
import { draftClaim } from '../../certification/draft-claim.ts';
import { describeStatus, inStore } from '../../cli/describe-status.ts';
import { deviceNoiseOnCpu, runWithDeviceNoise } from '../support/device-noise-on-cpu.ts';
import { forgeRun } from '../support/forge-run.ts';
import { startServe } from '../support/serve-cli.ts';
import { createVerifier, smallRequest } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const sampler = deviceNoiseOnCpu();
const { verify, close } = createVerifier();
afterAll(async () => {
  await sampler.close();
  await close();
});

const runs: Record<string, Awaited<ReturnType<typeof runWithDeviceNoise>>> = {};
beforeAll(async () => {
  for (const mode of ['fixed', 'sequential'] as const) {
    runs[mode] = await runWithDeviceNoise(smallRequest(mode, temporaryFolder(afterAll)), sampler);
  }
});

const json = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;

describe.each(['fixed', 'sequential'])('a run with device noise, %s', (mode) => {
  it('claims its generator with its own budget, and certifies', () => {
    const { plan, summary } = runs[mode];
    const budget = deviceNoiseBudget({ sigma: 0.25, stepsPerUnit: 255, dimensions: 16 });
    expect(plan.claim.noise).toMatchObject({ generator: 'curand-philox4x32-10', budget });
    expect(budget).toBeGreaterThan(5e-4);
    expect((summary as Summary).certified).toBeGreaterThan(5);
  });

  it('says so in every certificate, in the tables, summary, manifest and page', async () => {
    const { plan, folder, store, summary } = runs[mode];
    const rows = await readRows({ store, plan, failedShards: [] });
    expect(rows).toHaveLength(24);
    expect(rows.every((row) => row.replayable === false)).toBe(true);
    const parquet = readFileSync(join(folder, 'certificates.parquet'));
    const columns = await parquetReadObjects({ file: Uint8Array.from(parquet).buffer });
    expect(columns.every((row) => row.replayable === false)).toBe(true);
    expect(json(folder, 'summary.json').replayable).toBe(false);
    expect(json(folder, 'manifest.json').replayable).toBe(false);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain(NOT_REPLAYABLE);
    expect(page).not.toContain('come out again, bit for bit');
    expect(accuracyTable(summary as Summary)).toContain(NOT_REPLAYABLE);
  });

  it('verifies but for the replay, which can’t be made and says what can', async () => {
    const { sound, failed, of } = await verify(runs[mode].folder, { replay: 0 });
    expect({ sound, failed }).toEqual({ sound: true, failed: [] });
    expect(of('replay')).toMatchObject({ status: 'noted', detail: expect.stringMatching(/^not replayable/) as string });
    expect(of('noise')).toMatchObject({ status: 'noted', detail: expect.stringMatching(/budget.*is right/) as string });
    const asked = await verify(runs[mode].folder, { replay: 0.1 });
    expect(asked.failed).toEqual(['replay']);
    expect(asked.of('replay')?.detail).toMatch(/can't be drawn again; --replay 0 checks all else/);
  });

  it('is caught where its certificates, its budget or its generator are made to say something else', async () => {
    const { folder } = runs[mode];
    const unmarked = await forgeRun(folder, {
      rows: (rows) => rows.map((row) => ({ ...row, replayable: undefined })),
    });
    expect((await verify(unmarked, { replay: 0 })).failed).toContain('certificates');
    const claimed = async (noise: Partial<Claim['noise']>) => {
      const forged = await forgeRun(folder, {
        plan: (plan) => ({ ...plan, claim: { ...plan.claim, noise: { ...plan.claim.noise, ...noise } } }),
      });
      return (await verify(forged, { replay: 0 })).failed;
    };
    expect(await claimed({ budget: 1e-12 })).toEqual(expect.arrayContaining(['noise', 'claim']));
    expect(await claimed({ generator: 'philox4x32-10' })).toEqual(expect.arrayContaining(['noise', 'claim']));
  });

  it('says so in the status of its run and on the page of the store', async () => {
    const { store, plan } = runs[mode];
    const url = store.url(`runs/${plan.run}`);
    const kept = await inStore({ url });
    expect(kept).toMatchObject({ replayable: false, failures: [] });
    const counts = { examples: 24, examplesFinished: 24, examplesFailed: 0, shards: 5, shardsFinished: 5 };
    const more = { shardsFailed: 0, samplesDone: 1, samples: 1, sequential: false, concurrency: 1, retrying: [] };
    const status = { run: plan.run, state: 'finished', url, again: false, ...counts, ...more } as const;
    expect(describeStatus(status, kept)).toContain(`noise     ${NOT_REPLAYABLE}`);
    expect(describeStatus(status, { failures: [] })).not.toContain('REPLAYABLE');
    const server = await startServe({ out: plan.request.out }, onTestFinished);
    expect(await server.text(`/runs/${plan.run}`)).toContain(NOT_REPLAYABLE.slice(0, 20));
  });

  it('keeps the shard that was finished first, where two attempts draw other samples', async () => {
    const { plan, store } = runs[mode];
    const before = await readRows({ store, plan, failedShards: [] });
    const others = before.slice(0, 5).map((row) => ({ ...row, runnerUpCount: row.runnerUpCount + 1 }));
    await putRows({ store, plan, shard: 0, rows: others });
    expect(await readRows({ store, plan, failedShards: [] })).toEqual(before);
  });
});

describe('device noise is refused', () => {
  const request = { model: 'm.onnx', dataset: 'd.npz', sigma: 0.25, noise: 'device' };
  it('where the request names the CPU, with the reason', () => {
    for (const device of [{}, { device: 'cpu' }]) {
      expect(() => parseRequest({ ...request, ...device }, 'request.yaml')).toThrow(
        /^request\.yaml: "noise" is "device", and "device" is "cpu": .*31-bit linear congruential.*nine times\. Use exact noise, or CUDA\.$/,
      );
    }
    expect(parseRequest({ ...request, device: 'cuda' }, 'r').noise).toBe('device');
    expect(parseRequest({ ...request, noise: undefined }, 'r').noise).toBeUndefined();
  });

  it('by a sampler that runs on the CPU, whatever the request says', async () => {
    const onCpu = createSampler({ processes: 1 });
    const asked = parseRequest({ ...smallRequest('fixed', temporaryFolder()), noise: 'device', device: 'cuda' }, 'r');
    await expect(draftClaim(onCpu, asked)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/^This sampler runs on cpu .*31-bit.*nine times/) as string,
    });
  });

  it('where its budget leaves nothing to certify, or to predict, in one sentence with the budget', async () => {
    const refusal = async (more: object) => {
      const input = { ...smallRequest('fixed', temporaryFolder()), ...more, noise: 'device', device: 'cuda' };
      return draftClaim(sampler, parseRequest(input, 'r')).then(
        () => 'none',
        (error: unknown) => (error as Error).message,
      );
    };
    expect(await refusal({ sigma: 6 })).toMatch(/^With a noise budget of 1 no n is enough .*: use exact noise/);
    expect(await refusal({ n: 1_000_000, radii: [0.9] })).toMatch(/no n is enough with a noise budget of 0\.0\d+: use/);
    expect(await refusal({ mode: 'predict' })).toMatch(
      /^PREDICT takes n times the noise budget, 300 × 0\.0\d+, off alpha = 0\.001, and nothing is left: use exact noise\.$/,
    );
  });
});
