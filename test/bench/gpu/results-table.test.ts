import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepResults } from '../../../bench/gpu/keep-results.ts';
import { cudaLibrariesIn } from '../../../bench/gpu/machine.ts';
import type { Result } from '../../../bench/gpu/results.ts';
import { resultsTable } from '../../../bench/gpu/results-table.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const machine: Result = {
  type: 'machine',
  date: '2026-11-27',
  card: 'NVIDIA H100 80GB HBM3',
  driver: '580.95.05',
  cores: 16,
  node: 'v24.11.0',
  torch: 'PyTorch 2.11.0 (CUDA 13.0)',
};
const key = { type: 'row', model: 'ResNet-50', precision: 'tf32', batch: 256 } as const;
const unread = { insideRuntime: undefined, busy: undefined, watts: undefined, megahertz: undefined };
const bare: Result = {
  ...key,
  ...unread,
  what: 'bare',
  status: 'measured',
  samplesPerSecond: 5_000,
  rounds: [5_000],
  ofBare: undefined,
  ofPublished: 2.5,
  joulesPerSample: undefined,
  ofPeak: 0.1,
};
const sampler: Result = {
  ...key,
  what: 'sampler',
  status: 'measured',
  samplesPerSecond: 4_876.5,
  rounds: [4_876.5],
  ofBare: 0.9753,
  ofPublished: 2.43825,
  insideRuntime: 0.99,
  busy: 0.985,
  watts: 612.3,
  megahertz: 1_980,
  joulesPerSample: 0.12556,
  ofPeak: 0.0975,
};
const failed: Result = { ...key, what: 'loop', batch: 400, status: 'failed', reason: 'There is no python3.' };

describe('the table of the GPU benchmark', () => {
  it('shows what was measured, on what, and why the rest was not', () => {
    const results: Result[] = [
      machine,
      { type: 'peak', precision: 'tf32', flops: 4.01e14, by: 'PyTorch' },
      { type: 'runtime', runtime: 'onnxruntime-node 1.29.0', libraries: ['libcudart.so.13', 'libcudnn.so.9'] },
      { type: 'runtime', runtime: 'onnxruntime-node 1.29.0', libraries: ['libcudart.so.13', 'libcudnn.so.9'] },
      bare,
      sampler,
      failed,
    ];
    expect(resultsTable(results).split('\n')).toEqual([
      'NVIDIA H100 80GB HBM3, driver 580.95.05, 16 cores, Node v24.11.0, PyTorch 2.11.0 (CUDA 13.0), onnxruntime-node 1.29.0, libcudart.so.13, libcudnn.so.9, 2026-11-27.',
      '',
      'Matrix peak, TFLOP/s: tf32 401 (PyTorch).',
      '',
      '**ResNet-50**',
      '',
      '|  | what | batch | samples/s | s an example | of bare | × loop | in runtime | GPU busy | W | MHz | mJ a sample | of peak |',
      '| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
      '| tf32 | bare | 256 | 5,000 | 20.0 |  | 2.50 |  |  |  |  |  | 10.0 % |',
      '| tf32 | sampler | 256 | 4,880 | 20.5 | 0.975 | 2.44 | 99.0 % | 98.5 % | 612 | 1,980 | 126 | 9.75 % |',
      '| tf32 | loop | 400 | not measured |  |  |  |  |  |  |  |  |  |',
      '',
      'Not measured:',
      '',
      '- tf32, loop, batch 400: There is no python3.',
      '',
    ]);
  });

  it('has no column that nothing stands in', () => {
    const [, , , , , , head] = resultsTable([machine, bare]).split('\n');
    expect(head).toBe('|  | what | batch | samples/s | s an example | × loop | of peak |');
  });

  it('says that nothing was measured where nothing was', () => {
    const lines = resultsTable([machine, failed]).split('\n');
    expect(lines).toContain('|  | what | batch | samples/s |');
    expect(lines).toContain('| tf32 | loop | 400 | not measured |');
  });

  it('is in the file from the first row on, and each result on a line of its own as it comes', () => {
    const file = join(temporaryFolder(), 'results.jsonl');
    const { add, results } = keepResults(file);
    const lines = () =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
    add(machine);
    expect(lines()).toEqual([machine]);
    expect(existsSync(`${file}.md`)).toBe(false);
    add(sampler);
    expect(lines()).toEqual([machine, sampler]);
    expect(readFileSync(`${file}.md`, 'utf8')).toBe(resultsTable([machine, sampler]));
    expect(results).toEqual([machine, sampler]);
  });
});

describe('the CUDA libraries of a process', () => {
  it('are those that Linux lists as mapped, each once', () => {
    const maps = [
      '7f10-7f20 r--p 00000000 08:01 11 /opt/nvidia/cu13/lib/libcudart.so.13',
      '7f20-7f30 r-xp 00001000 08:01 11 /opt/nvidia/cu13/lib/libcudart.so.13',
      '7f30-7f40 r-xp 00000000 08:01 12 /opt/nvidia/cudnn/lib/libcudnn.so.9',
      '7f40-7f50 r-xp 00000000 08:01 13 /opt/nvidia/cudnn/lib/libcudnn_ops.so.9',
      '7f50-7f60 r-xp 00000000 08:01 14 /usr/lib/libc.so.6',
    ].join('\n');
    expect(cudaLibrariesIn(maps)).toEqual(['libcudart.so.13', 'libcudnn.so.9']);
  });
});
