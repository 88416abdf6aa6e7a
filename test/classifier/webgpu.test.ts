import fc from 'fast-check';
import { TensorProto_DataType } from 'onnx-buf';
import { InferenceSession } from 'onnxruntime-node';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import { checkTopClass } from '../../certification/classifier/process/check-top-class.ts';
import { openModelPool } from '../../certification/classifier/model-pool.ts';
import { startModelProcess } from '../../certification/classifier/process/model-process.ts';
import { makeNode, makeTensor, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { topClassAlone } from '../../certification/classifier/graph/top-class-alone.ts';
import { whyNotWebGpu } from '../../certification/classifier/process/why-not-webgpu.ts';
import { phases } from '../../certification/noise/phases.ts';
import { cpu, parseDevice } from '../../certification/records/device.ts';
import { buildModel } from '../models/build-model.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { elementwiseModel } from '../models/elementwise-model.ts';
import { modelSetup } from '../models/model-setup.ts';
import { random } from '../models/random.ts';
import { noDriver, swiftshader } from '../support/swiftshader.ts';
import { randomLattice, runFused, topClassOf } from './run-fused.ts';

const device = parseDevice('webgpu');
const { FLOAT, FLOAT16 } = TensorProto_DataType;
const BATCH = 64;

beforeAll(async () => {
  Object.assign(process.env, await swiftshader());
});

describe('a fused model on WebGPU', () => {
  const versions = [
    { opset: 11, layout: 'NCHW' },
    { opset: 18, layout: 'NHWC' },
  ] as const;

  test.each(versions)('has the logits of the CPU but for rounding, $layout, opset $opset', async (version) => {
    const bytes = cnnModel({ ...version, shape: [3, 8, 12], convolutions: tinyCnn });
    const rows = randomLattice(24, 288);
    const options = { normalisation: { mean: [0.1, 0.5, 0.9], std: [0.2, 0.3, 0.4] } };
    const here = await runFused(bytes, rows, { ...options, device });
    const there = await runFused(bytes, rows, options);
    const largest = Math.max(...there.logits.flat().map(Math.abs));
    const apart = here.logits.flat().map((logit, at) => Math.abs(logit - there.logits.flat()[at]));
    expect(Math.max(...apart) / largest).toBeLessThan(1e-5);
    expect(here.topClass).toEqual(here.logits.map(topClassOf));
    expect(new Set(here.topClass).size).toBeGreaterThan(1);
    const others = here.topClass.filter((topClass, row) => topClass !== there.topClass[row]);
    expect(others.length).toBeLessThanOrEqual(1);
  });

  it('gets k / 255 within the 2.5 ulp that a shader may be off, for every lattice value an image can reach', async () => {
    const values = Array.from({ length: 8192 }, (_, index) => index - 4096);
    const { logits } = await runFused(elementwiseModel({ classes: 8192, operator: 'Identity' }), [values], { device });
    const off = logits[0].map((x, at) => Math.abs(x - values[at] / 255) / Math.max(Math.abs(values[at] / 255), 1e-30));
    expect(Math.max(...off)).toBeLessThan(3 * 2 ** -23);
  });

  it('takes lattices beyond int16 and any step', async () => {
    const rows = [[-3_000_000, 0, 16_777_217]];
    const model = elementwiseModel({ classes: 3, operator: 'Identity' });
    const { logits } = await runFused(model, rows, { stepsPerUnit: 256 / 0.3, device });
    for (const [at, k] of rows[0].entries()) expect(logits[0][at]).toBeCloseTo((k * 0.3) / 256, 2);
  });

  it('answers no class where the model makes a NaN', async () => {
    const bytes = buildModel({
      shape: [3],
      classes: 3,
      initializers: [makeTensor('infinity', [1], Float32Array.of(Infinity))],
      nodes: [makeNode('Mul', { input: ['input', 'infinity'], output: ['logits'] })],
    });
    const rows = [
      [1, 0, 2],
      [-1, 1, 2],
      [-1, -1, 0],
    ];
    expect((await runFused(bytes, rows, { device })).topClass).toEqual([-1, 1, -1]);
  });

  it('draws the counts that the CPU draws, but for near ties', async () => {
    const model = cnnModel({ shape: [1, 8, 12], convolutions: tinyCnn });
    const next = random(7);
    const segments = Array.from({ length: 4 }, (_, example) => ({
      example,
      pixels: Uint8Array.from({ length: 96 }, () => Math.floor(256 * next())),
      from: 0,
      to: 2 * BATCH,
    }));
    const counts = async (on: typeof device) => {
      const member = await startModelProcess(modelSetup(model, { batchSize: BATCH, sigma: 0.5, device: on }));
      const reply = await member.count({ key: [1, 2], phase: phases.estimation, segments, mixed: true });
      await member.close();
      return { ...member.probe, counts: reply.counts.map((each) => [...each]) };
    };
    const [here, there] = [await counts(device), await counts(cpu)];
    expect(here.batchInvariant).toBe(true);
    expect(here.probe).not.toBe(there.probe);
    const flipped = here.counts.flat().reduce((sum, k, at) => sum + Math.abs(k - there.counts.flat()[at]), 0) / 2;
    expect(flipped).toBeLessThanOrEqual(2);
    expect(new Set(there.counts.map(String)).size).toBe(segments.length);
  });
});

describe.each(['webgpu', 'cpu'])('the end of a fused model, on %s', (kind) => {
  const on = parseDevice(kind);

  it.each([2, 5, 1000])('lets the lowest of equal classes win, and none beside a NaN: of %i', async (classes) => {
    const alone = await topClassAlone({ batchSize: BATCH, classes, threads: 1, device: on });
    const logit = fc.constantFrom(NaN, Infinity, -Infinity, -3.4e38, -1, 0, 1, 2, 3.4e38);
    // In a long row of such values is a NaN and an infinity each time: a few among ordinary ones.
    const special = fc.uniqueArray(fc.tuple(fc.nat(classes - 1), logit), { maxLength: 3, selector: ([at]) => at });
    const row = special.map((some) => {
      const logits = Float32Array.from({ length: classes }, (_, at) => -2 - (at % 5));
      for (const [at, value] of some) logits[at] = value;
      return [...logits];
    });
    const rows = fc.array(row, { minLength: BATCH, maxLength: BATCH });
    await fc.assert(
      fc.asyncProperty(rows, async (logits) => {
        const found = await alone.topClasses(Float32Array.from(logits.flat()));
        expect([...found]).toEqual(logits.map(topClassOf));
      }),
      { numRuns: 10 },
    );
    await alone.close();
  });

  it('never names a class that there is not, whatever becomes of numbers too small', async () => {
    const alone = await topClassAlone({ batchSize: BATCH, classes: 5, threads: 1, device: on });
    const tiny = fc.constantFrom(1e-45, -1e-45, 1e-40, -1e-40, 0, -0);
    const rows = fc.array(tiny, { minLength: 5 * BATCH, maxLength: 5 * BATCH });
    await fc.assert(
      fc.asyncProperty(rows, async (logits) => {
        const found = [...(await alone.topClasses(Float32Array.from(logits)))];
        expect(found.every((topClass) => topClass >= -1 && topClass < 5)).toBe(true);
      }),
      { numRuns: 10 },
    );
    await alone.close();
  });

  it.each([2, 10, 1000])('passes the check at load: %i classes', async (classes) => {
    for (const batchSize of [3, BATCH]) {
      await checkTopClass(await topClassAlone({ batchSize, classes, threads: 1, device: on }));
    }
  });
});

describe('a model process that a GPU failed', () => {
  it('says why, and makes way for another', { timeout: 60_000 }, async () => {
    const setup = modelSetup(cnnModel({ shape: [1, 8, 8], convolutions: tinyCnn }), {
      batchSize: 4,
      sigma: 0.25,
      device,
    });
    const pool = await openModelPool(setup, 1);
    const [failed] = pool.pids();
    const ask = (pixel: number) => {
      const segments = [{ example: 0, pixels: new Int32Array(64).fill(pixel), from: 0, to: 8 }];
      return pool.count({ key: [1, 2], phase: phases.estimation, segments, mixed: true });
    };
    try {
      // Any failure there is taken for the GPU's.
      await expect(ask(2 ** 31 - 1)).rejects.toMatchObject({
        code: 'ModelProcessFailed',
        message: expect.stringMatching(/^Pixel 2147483647 .* does not fit int32\.$/) as string,
      });
      await vi.waitFor(() => {
        expect(pool.pids()).toEqual([]);
      });
      expect((await ask(100)).batches).toBe(2);
      expect(pool.pids()).not.toContain(failed);
    } finally {
      await pool.close();
    }
  });
});

describe('a device that finds other top classes', () => {
  const finite = (logits: number[]) => logits.map((x) => (Number.isNaN(x) ? -Infinity : x));
  it.each([
    [
      'passes over NaN',
      (logits: number[]) => topClassOf(finite(logits)),
      /nothing but NaN it takes class 0 .* is none/,
    ],
    [
      'sees a NaN in the first class alone',
      (logits: number[]) => (Number.isNaN(logits[0]) ? -1 : topClassOf(finite(logits))),
      /a NaN for class 3 it takes class 0/,
    ],
    [
      'takes the last of equal classes',
      (logits: number[]) => (logits.some(Number.isNaN) ? -1 : logits.lastIndexOf(Math.max(...logits))),
      /nothing but −∞ it takes class 5/,
    ],
    [
      'has no infinities',
      (logits: number[]) => topClassOf(logits.map((x) => (Math.abs(x) === Infinity ? 0 : x))),
      /−∞ for all but class 0 it takes class 1 for the top class, and it is class 0/,
    ],
  ])('is refused: one that %s', async (_, topClass, says) => {
    const classes = 6;
    let closed = false;
    const faulty = {
      batchSize: 4,
      classes,
      topClasses: (logits: Float32Array) =>
        Promise.resolve(
          Int32Array.from({ length: 4 }, (_row, row) =>
            topClass([...logits.subarray(row * classes, (row + 1) * classes)]),
          ),
        ),
      close: () => {
        closed = true;
        return Promise.resolve();
      },
    };
    await expect(checkTopClass(faulty)).rejects.toThrow(says);
    expect(closed).toBe(true);
  });
});

describe('what WebGPU cannot run', () => {
  const start = (model: Uint8Array) => startModelProcess(modelSetup(model, { batchSize: 2, sigma: 0.25, device }));

  it('is a model with operators without kernels: the sentence names them', async () => {
    const model = buildModel({
      shape: [3],
      classes: 3,
      nodes: [
        makeNode('Hardmax', { input: ['input'], output: ['one_hot'] }),
        makeNode('IsNaN', { input: ['one_hot'], output: ['is_nan'] }),
        makeNode('Cast', { input: ['is_nan'], output: ['logits'] }, { to: BigInt(FLOAT) }),
      ],
    });
    await expect(start(model)).rejects.toMatchObject({
      code: 'InvalidModel',
      message:
        "ONNX Runtime has no WebGPU kernels for all of the model's operators: not for Hardmax 'one_hot', IsNaN 'is_nan'. " +
        'Certify it on the CPU, or export it without them.',
    });
  });

  it('is a model in half precision, where the GPU has none', async () => {
    const model = buildModel({
      shape: [3],
      classes: 3,
      inputs: [makeValueInfo('input', FLOAT16, ['N', 3])],
      outputs: [makeValueInfo('logits', FLOAT16, ['N', 3])],
      nodes: [makeNode('Neg', { input: ['input'], output: ['logits'] })],
    });
    await expect(start(model)).rejects.toMatchObject({
      code: 'ModelProcessNotStarted',
      message: expect.stringMatching(/: The model computes in half precision, and this GPU .*shader-f16/) as string,
    });
  });

  it('is a model beyond the memory of the GPU: it has no counts rather than wrong ones', async () => {
    const copies = 2n ** 27n;
    const model = buildModel({
      shape: [4],
      classes: 4,
      initializers: [
        makeTensor('copies', [3], BigInt64Array.of(2n, 4n, copies)),
        makeTensor('last', [1], BigInt64Array.of(copies - 1n)),
        makeTensor('end', [1], BigInt64Array.of(copies)),
        makeTensor('axis', [1], BigInt64Array.of(2n)),
      ],
      nodes: [
        makeNode('Unsqueeze', { input: ['input', 'axis'], output: ['one'] }),
        makeNode('Expand', { input: ['one', 'copies'], output: ['many'] }),
        makeNode('Slice', { input: ['many', 'last', 'end', 'axis'], output: ['few'] }),
        makeNode('Flatten', { input: ['few'], output: ['logits'] }, { axis: 1n }),
      ],
    });
    await expect(start(model)).rejects.toMatchObject({
      code: 'ModelProcessNotStarted',
      message: expect.stringMatching(/: The model with its batch doesn't fit into this GPU's memory: /) as string,
    });
  });

  it('is any model, where the runtime was built without it', async () => {
    // What onnxruntime-node says of a provider that it wasn't built with.
    const bytes = elementwiseModel({ classes: 3, operator: 'Identity' });
    const { reason } = await InferenceSession.create(bytes, { executionProviders: ['coreml'] }).then(
      () => ({ reason: 'it has it' }),
      (error: unknown) => ({ reason: error instanceof Error ? error.message : '' }),
    );
    expect(whyNotWebGpu(reason.replace('coreml', 'webgpu'))).toMatch(
      /^This machine's ONNX Runtime has no WebGPU: .* Linux on x64\.$/,
    );
  });

  it('is any model, where there is no driver: it is not run on the CPU instead', async () => {
    for (const [name, value] of Object.entries(noDriver)) vi.stubEnv(name, value);
    try {
      await expect(start(elementwiseModel({ classes: 3, operator: 'Identity' }))).rejects.toMatchObject({
        code: 'ModelProcessNotStarted',
        message: expect.stringMatching(
          /^The model could not be loaded here and now: ONNX Runtime can't use WebGPU \(Failed to get a WebGPU adapter: No supported adapters\)\. It needs a GPU with its driver; on Linux .*libvulkan1/,
        ) as string,
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
