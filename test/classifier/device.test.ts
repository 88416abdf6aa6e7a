import { describe, expect, it } from 'vitest';
import { parseDevice } from '../../certification/records/device.ts';
import { startModelProcess } from '../../certification/classifier/process/model-process.ts';
import { samplerQueue } from '../../workers/queues.ts';
import { linearModel } from '../models/linear-model.ts';
import { modelSetup } from '../models/model-setup.ts';
import { runCli } from '../support/run-cli.ts';

describe('a device', () => {
  it.each([
    ['cpu', { kind: 'cpu', id: 0 }],
    ['cuda', { kind: 'cuda', id: 0 }],
    ['cuda:3', { kind: 'cuda', id: 3 }],
    ['webgpu', { kind: 'webgpu', id: 0 }],
  ])('%s is read', (text, device) => {
    expect(parseDevice(text)).toEqual(device);
  });

  it.each(['cpu:0', 'CUDA', 'cuda:', 'cuda:-1', 'cuda:1.5', 'gpu', 'webgpu:0', ''])('"%s" is refused', (text) => {
    expect(() => parseDevice(text)).toThrow(
      `The device is "${text}", but must be cpu, webgpu, cuda, or cuda: and the number of a GPU, as in cuda:0.`,
    );
  });

  it('has a queue of its kind, whichever of them it is', () => {
    expect(['cpu', 'cuda:0', 'cuda:1', 'webgpu'].map((text) => samplerQueue(parseDevice(text).kind))).toEqual([
      'perimeter-sampler-cpu',
      'perimeter-sampler-cuda',
      'perimeter-sampler-cuda',
      'perimeter-sampler-webgpu',
    ]);
  });
});

describe('where there is no GPU', () => {
  const model = linearModel({
    shape: [4],
    weights: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ],
    bias: [0, 0],
  });

  it('a model is not run on the CPU instead: the sentence says what CUDA needs', async () => {
    const cuda = { tf32: true, channelsLast: true };
    const setup = { ...modelSetup(model, { batchSize: 2, sigma: 0.25 }), device: parseDevice('cuda:0'), cuda };
    await expect(startModelProcess(setup)).rejects.toMatchObject({
      code: 'ModelProcessNotStarted',
      message: expect.stringMatching(
        /^The model could not be loaded here and now: ONNX Runtime can't use CUDA \(.*\)\. It needs an NVIDIA GPU with its driver, CUDA 12, cuDNN 9, and its own CUDA provider/,
      ) as string,
    });
  });

  it('a run on it ends with that sentence, before anything is written', async () => {
    const { code, stderr } = await runCli([
      ...['certify', 'examples/fashion-mnist/request.yaml', '--local', '--device', 'cuda', '--limit', '1'],
      ...['--out', '/nonexistent/perimeter-results'],
    ]);
    expect(stderr).toContain("ONNX Runtime can't use CUDA");
    expect(code).toBe(1);
  });
});
