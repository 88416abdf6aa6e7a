import { describe, expect, it } from 'vitest';
import { benchmarkedModels } from '../../../bench/gpu/benchmarked-model.ts';
import { entrants, PUBLISHED_BATCH } from '../../../bench/gpu/entrants.ts';
import type { LineProcess } from '../../../bench/gpu/line-process.ts';
import type { Precision } from '../../../bench/gpu/settings.ts';
import { parseDevice } from '../../../certification/records/device.ts';

const nobody: LineProcess = { ask: () => Promise.reject(new Error('nobody asks')), close: () => undefined };

function listed({ device, precision, first }: { device: string; precision: Precision; first: boolean }): string[] {
  return entrants({
    model: benchmarkedModels[0],
    precision,
    batch: 256,
    first,
    bytes: new Uint8Array(),
    weights: '',
    device: parseDevice(device),
    torch: nobody,
    bothLayouts: false,
    publishedBatch: PUBLISHED_BATCH,
    onRuntime: () => undefined,
  }).map((entrant) => [entrant.precision, entrant.batch, entrant.what, entrant.role ?? ''].join(' ').trim());
}

describe('what runs in turns', () => {
  it('is on CUDA two bare models, two samplers and PyTorch at the same batch', () => {
    expect(listed({ device: 'cuda', precision: 'fp16', first: false })).toEqual([
      'fp16 256 bare model, `session.run` bare',
      'fp16 256 bare model, data on the device bare',
      'fp16 256 sampler, exact noise',
      'fp16 256 sampler, device noise',
      'fp16 256 PyTorch, the same loop, channels last',
    ]);
  });

  it('has the paper’s loop beside the first group, in PyTorch’s own precision and the paper’s batch', () => {
    const published = (device: string, precision: Precision) =>
      listed({ device, precision, first: true }).filter((line) => line.endsWith('published'));
    expect(published('cuda', 'fp16')).toEqual(["tf32 400 PyTorch, the paper's loop published"]);
    expect(published('cpu', 'fp32')).toEqual(["fp32 400 PyTorch, the paper's loop published"]);
  });

  it('is on the CPU what there is there', () => {
    expect(listed({ device: 'cpu', precision: 'fp32', first: false })).toEqual([
      'fp32 256 bare model, `session.run` bare',
      'fp32 256 sampler, exact noise',
    ]);
  });
});
