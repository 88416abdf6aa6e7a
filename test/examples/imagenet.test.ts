import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { jpegOfClass } from '../support/jpeg-folder.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const example = fileURLToPath(new URL('../../examples/imagenet/', import.meta.url));
const LIMIT = 8;

/** The example's images where they are, else pictures of the same names and size. */
async function imagesFolder(): Promise<string> {
  const sample =
    process.env.PERIMETER_IMAGENET_SAMPLE ??
    fileURLToPath(new URL('../../../shared/data/imagenet-sample', import.meta.url));
  if (existsSync(sample)) return sample;
  const folder = temporaryFolder(afterAll);
  const names = readFileSync(join(example, 'labels.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1, LIMIT + 1);
  for (const [at, line] of names.entries()) {
    const picture = await jpegOfClass({ label: at, width: 500, height: 375 });
    writeFileSync(join(folder, line.slice(0, line.lastIndexOf(','))), picture);
  }
  return folder;
}

describe('the ImageNet example', () => {
  let folder: string;
  let stacked: string;

  beforeAll(async () => {
    folder = temporaryFolder(afterAll);
    const classifier = join(folder, 'classifier.onnx');
    // In the place of EfficientNet-Lite0, whose weights are no part of this repository.
    writeFileSync(classifier, cnnModel({ shape: [3, 224, 224], classes: 1000, opset: 18, convolutions: tinyCnn }));
    stacked = join(folder, 'stacked.onnx');
    const stack = await runCli(['model', 'stack', join(example, 'denoiser.onnx'), classifier, '--out', stacked]);
    expect(stack).toMatchObject({ code: 0, stderr: '' });
  });

  it('has a denoiser of less than a megabyte that stacks in front of a classifier of ImageNet', () => {
    expect(readFileSync(join(example, 'denoiser.onnx')).length).toBeLessThan(1e6);
    expect(inspectModel(readFileSync(stacked), { name: stacked })).toMatchObject({
      shape: [3, 224, 224],
      classes: 1000,
      layout: 'NCHW',
    });
  });

  it('certifies 8 of its images, and the run verifies', { timeout: 300_000 }, async () => {
    const images = ['--dataset', await imagesFolder()];
    const sampling = ['--model', stacked, '--n', '40', '--n0', '8', '--limit', String(LIMIT), '--batch-size', '8'];
    const place = ['--out', folder, '--run', 'r', '--local'];
    const run = await runCli(['certify', join(example, 'request.yaml'), ...images, ...sampling, ...place, '--json']);
    expect(run.code).toBe(0);
    const { summary } = JSON.parse(run.stdout) as { summary: { examples: number; failed: number } };
    expect(summary).toMatchObject({ examples: LIMIT, failed: 0 });
    const verified = await runCli(['verify', join(folder, 'runs/r'), '--replay', '50%']);
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/4 of 8 examples in .*: all equal/) as string,
    });
  });
});
