import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../certification/records/claim.ts';
import type { Summary } from '../../certification/records/summary.ts';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';
import { random } from '../models/random.ts';
import { resultBytes, writeInputs } from '../support/run-locally.ts';
import { runCli } from '../support/run-cli.ts';
import { smallModel } from '../support/small-runs.ts';
import { noDriver, swiftshader } from '../support/swiftshader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerCli } from '../support/worker-cli.ts';

const SIDE = 8;
const EXAMPLES = 6;
let env: NodeJS.ProcessEnv;
let request: string[];
let first: string;

/** Runs it, and says where its results are. */
async function certify(device: string, ...flags: string[]): Promise<string> {
  const out = temporaryFolder(afterAll);
  const args = ['certify', ...request, '--device', device, '--run', 'small', '--out', out, ...flags];
  const { code, stderr } = await runCli(args, { env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return join(out, 'runs', 'small');
}

function claimOf(folder: string): Claim {
  return (JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as { claim: Claim }).claim;
}

beforeAll(async () => {
  env = await swiftshader();
  const folder = temporaryFolder(afterAll);
  const next = random(5);
  const images = Array.from({ length: EXAMPLES }, () =>
    Uint8Array.from({ length: SIDE * SIDE }, () => Math.floor(256 * next())),
  );
  const model = smallModel({ shape: [1, SIDE, SIDE] });
  const labels = images.map(() => 0);
  const inputs = writeInputs({ folder, model, images, labels, shape: [SIDE, SIDE] });
  request = [
    ...Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value]),
    ...['--sigma', '0.1', '--n0', '20', '--n', '300', '--batch-size', '128', '--seed', 'webgpu'],
  ];
  first = await certify('webgpu', '--local', '--shard-size', '2');
});

describe('a run on WebGPU', () => {
  it('certifies, and its claim says what computed', () => {
    const claim = claimOf(first);
    expect(claim.arithmetic).toMatchObject({ provider: 'webgpu', batchInvariant: true, batchSize: 128 });
    expect(claim.noise.elementType).toBe('int32');
    const { examples, certified, failed } = JSON.parse(resultBytes(first).summary) as Summary;
    expect({ examples, failed }).toEqual({ examples: EXAMPLES, failed: 0 });
    expect(certified).toBeGreaterThan(0);
  });

  it('has the same bytes again, in other shards', async () => {
    expect(resultBytes(await certify('webgpu', '--local', '--shard-size', '5'))).toEqual(resultBytes(first));
  });

  it('is verified on WebGPU, to the bit', async () => {
    const { code, stdout } = await runCli(['verify', `${first}/`, '--device', 'webgpu', '--replay', '100%'], { env });
    expect(stdout).toMatch(/^passed {2}arithmetic .*the claim's logits to the bit$/m);
    expect(stdout).toMatch(/^passed {2}replay .*: all equal$/m);
    expect(code).toBe(0);
  });

  it('is verified on the CPU, whose arithmetic is another', async () => {
    const args = ['verify', `${first}/`, '--processes', '1', '--replay', '100%'];
    const { code, stdout } = await runCli(args, { env: noDriver });
    expect(stdout).toMatch(/^noted {3}arithmetic .* on cpu here rounds otherwise than the run's .* on webgpu$/m);
    expect(stdout).toMatch(/^(passed|noted ) {2}replay {8}6 of 6 examples/m);
    expect(stdout).toMatch(/^passed {2}claim /m);
    expect(code).toBe(0);
  });

  it('can be the replay of a run on the CPU', async () => {
    const onCpu = await certify('cpu', '--local', '--processes', '1');
    expect(claimOf(onCpu).noise.elementType).toBe('int16');
    const { code, stdout } = await runCli(['verify', `${onCpu}/`, '--device', 'webgpu', '--replay', '100%'], { env });
    expect(stdout).toMatch(/^noted {3}arithmetic .* on webgpu here rounds otherwise than the run's .* on cpu$/m);
    expect(stdout).toMatch(/^(passed|noted ) {2}replay {8}6 of 6 examples/m);
    expect(code).toBe(0);
  });

  it('is carried out by the workers of its queue, with the same bytes', async () => {
    const server = await startTemporalServer();
    try {
      const { address } = server;
      const control = await startWorkerCli({ address, role: 'control' });
      const sampler = await startWorkerCli({ address, role: 'sampler', device: 'webgpu', env });
      await Promise.all([control.untilReady(), sampler.untilReady()]);
      const distributed = await certify('webgpu', '--address', address, '--shard-size', '3');
      expect(resultBytes(distributed)).toEqual(resultBytes(first));
      expect(await sampler.scrape()).toMatch(/perimeter_samples_total\{[^}]*device="webgpu"[^}]*\} [1-9]/);
      await Promise.all([control.kill(), sampler.kill()]);
    } finally {
      await server.stop();
    }
  });
});

describe('without a driver of a GPU', () => {
  it('a run ends with one sentence, before anything is written', async () => {
    const out = temporaryFolder();
    const args = ['certify', ...request, '--device', 'webgpu', '--local', '--out', out];
    const { code, stderr } = await runCli(args, { env: { ...noDriver, NO_COLOR: '1' } });
    expect(stderr).toMatch(
      /^perimeter: The model could not be loaded here and now: ONNX Runtime can't use WebGPU .*\.$/m,
    );
    expect(code).toBe(1);
    expect(readdirSync(out)).toEqual([]);
  });

  it('a sampler with health checks ends and says why', async () => {
    const server = await startTemporalServer();
    try {
      const worker = await startWorkerCli({
        address: server.address,
        role: 'sampler',
        device: 'webgpu',
        env: noDriver,
      });
      await expect(worker.untilReady()).rejects.toThrow("ONNX Runtime can't use WebGPU");
    } finally {
      await server.stop();
    }
  });
});
