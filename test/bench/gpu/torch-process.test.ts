import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchmarkedModels, type BenchmarkedModel } from '../../../bench/gpu/benchmarked-model.ts';
import { startLineProcess, type LineProcess } from '../../../bench/gpu/line-process.ts';
import { writeWeights } from '../../../bench/gpu/write-weights.ts';
import { random } from '../../models/random.ts';
import { runModel } from '../../models/run-model.ts';
import { findTorch } from '../../support/find-torch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const script = fileURLToPath(new URL('../../../bench/gpu/torch/torch_process.py', import.meta.url));
/** What the two libraries' sums in another order may differ by, of the largest logit. */
const ROUNDING = 1e-4;
/** Debian's PyTorch multiplies without a fast library: a ResNet-50 takes it seconds an image. */
const SLOW_MS = 300_000;
/** The installation may be the machine's first. */
const INSTALL_MS = 600_000;

describe("the benchmark's PyTorch end", () => {
  let torch: LineProcess;
  beforeAll(async () => {
    torch = startLineProcess(await findTorch(), [script]);
  }, INSTALL_MS);
  afterAll(() => {
    torch.close();
  });

  const open = async (model: BenchmarkedModel, id: string, { bytes, batch }: { bytes: Uint8Array; batch: number }) => {
    const weights = temporaryFolder();
    await writeWeights(bytes, weights);
    const { name, classes, side, sigma } = model;
    const how = { device: 'cpu', precision: 'default', batch, benchmark: false };
    return torch.ask({ do: 'open', id, model: name, weights, classes, side, sigma, ...how });
  };

  it.each(benchmarkedModels)('classifies by the same $name as the sampler', { timeout: SLOW_MS }, async (model) => {
    const bytes = model.make();
    await open(model, model.name, { bytes, batch: 1 });
    const { side } = model;
    const uniform = random(11);
    const image = Float32Array.from({ length: 3 * side * side }, uniform);
    const { logits } = await runModel(bytes, { input: new Tensor('float32', image, [1, 3, side, side]) });
    const ours = [...(logits.data as Float32Array)];
    const answer = await torch.ask({ do: 'logits', id: model.name, image: [...image] });
    const theirs = answer.logits as number[];
    const largest = Math.max(...ours.map(Math.abs));
    expect(theirs).toHaveLength(ours.length);
    const difference = Math.max(...ours.map((value, at) => Math.abs(value - theirs[at])));
    expect(difference / largest).toBeLessThan(ROUNDING);
    await torch.ask({ do: 'close', id: model.name });
  });

  it('counts whole batches, for as long as it is asked to', async () => {
    const model = benchmarkedModels[1];
    const { parameters } = await open(model, 'counting', { bytes: model.make(), batch: 2 });
    expect(parameters).toBe(1_730_714);
    const { samples, seconds } = await torch.ask({ do: 'sample', id: 'counting', seconds: 0.2 });
    expect(Number(samples) % 2).toBe(0);
    expect(Number(samples)).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThanOrEqual(0.2);
  });

  it('says in one sentence what it can’t do, and goes on', async () => {
    await expect(torch.ask({ do: 'about', device: 'cuda' })).rejects.toThrow(
      'RuntimeError: this PyTorch can use no NVIDIA GPU',
    );
    await expect(torch.ask({ do: 'sample', id: 'nobody', seconds: 1 })).rejects.toThrow("KeyError: 'nobody'");
    await expect(torch.ask({ do: 'about', device: 'cpu' })).resolves.toHaveProperty('torch');
  });

  it('refuses weights of another network', async () => {
    const [, resnet110] = benchmarkedModels;
    const small = { ...resnet110, name: 'resnet50' as const };
    await expect(open(small, 'mismatched', { bytes: resnet110.make(), batch: 1 })).rejects.toThrow(
      /RuntimeError: .*size mismatch/,
    );
  });
});

describe('a line process', () => {
  it('that can’t be started, or has ended, says so to whoever asks', async () => {
    const absent = startLineProcess('no-such-python', [script]);
    await expect(absent.ask({})).rejects.toThrow('no-such-python could not be started: spawn no-such-python ENOENT');
    await expect(absent.ask({})).rejects.toThrow('no-such-python could not be started');
    const failing = startLineProcess('/bin/sh', ['-c', 'echo "No module named torch" >&2; exit 3']);
    await expect(failing.ask({})).rejects.toThrow('/bin/sh ended with exit code 3: No module named torch');
  });

  it('that answers something else is told from one that failed', async () => {
    const talking = startLineProcess('/bin/sh', ['-c', 'read -r line; echo hello; read -r line']);
    await expect(talking.ask({})).rejects.toThrow('/bin/sh answered "hello", which is not JSON');
    talking.close();
  });
});
