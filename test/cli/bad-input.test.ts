import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { linearModel } from '../models/linear-model.ts';
import { unfitModels } from '../models/unfit-models.ts';
import { createBucket } from '../support/create-bucket.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const file = (name: string) => fileURLToPath(new URL(`../datasets/files/${name}`, import.meta.url));
const example = { ...fashionMnist, sigma: '0.25', n: '200', limit: '2' };

function flagsOf(request: Record<string, string | number | undefined>): string[] {
  return Object.entries(request).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`],
  );
}

/** Runs `certify --local` and expects one sentence, exit code 2, and nothing written. */
async function expectRefusal(
  request: Record<string, string | number | undefined>,
  sentence: RegExp,
  env?: NodeJS.ProcessEnv,
) {
  const folder = temporaryFolder();
  const flags = flagsOf({ out: join(folder, 'out'), ...request });
  const { code, stdout, stderr } = await runCli(['certify', '--local', '--processes=1', ...flags], {
    cwd: folder,
    ...(env && { env }),
  });
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('planning'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^perimeter: /);
  expect(lines[0]).toMatch(sentence);
  expect(lines[0]).not.toMatch(/\bat .*:\d+:\d+/);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(existsSync(join(folder, 'out', 'runs'))).toBe(false);
}

const unfit = (what: RegExp) => {
  const found = unfitModels.find((model) => what.test(model.what));
  if (found === undefined) throw new Error(`no unfit model is ${String(what)}`);
  return found.bytes;
};

function modelFile(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

const zeros = (classes: number, size: number) =>
  linearModel({
    shape: [1, 28, 28],
    weights: Array.from({ length: classes }, () => new Float32Array(size)),
    bias: Array.from({ length: classes }, (_, at) => at),
  });

describe('certify refuses, in one sentence, with exit code 2 and nothing written,', () => {
  it('a model that is not there', () => expectRefusal({ ...example, model: '/nowhere/m.onnx' }, /\/nowhere\/m\.onnx/));
  it('a model that is not ONNX', () =>
    expectRefusal({ ...example, model: modelFile(Buffer.from('not a model at all')) }, /model\.onnx.*ONNX/));
  it('a model with two inputs', () => expectRefusal({ ...example, model: modelFile(unfit(/two inputs/)) }, /inputs/));
  it("labels beyond the model's classes", () =>
    expectRefusal({ ...example, model: modelFile(zeros(4, 784)) }, /labels from 0 to 9.*4 classes/));
  it("images of another shape than the model's", () =>
    expectRefusal(
      { ...example, dataset: file('colour-images.idx'), labels: file('uint8-labels.idx') },
      /shape.*1×28×28/,
    ));
  it("image files of another shape than the model's, saying how to make them fit", () =>
    expectRefusal(
      { ...example, dataset: file('image-folder'), labels: undefined },
      /image-folder holds examples of shape 3×20×24, but .* takes 1×28×28 \(channels first\): ask for "crop": 28, "resize": 32 .*"channels": 1\.$/,
    ));
  it('a folder that is not there', () =>
    expectRefusal(
      { ...example, dataset: '/nowhere/val', labels: undefined },
      /no file or folder file:\/\/\/nowhere\/val/,
    ));
  it('labels of images that are not there', () =>
    expectRefusal(
      {
        ...example,
        dataset: file('image-folder'),
        labels: file('imagenet-labels/val.txt'),
        resize: '28',
        crop: '28',
        channels: '1',
      },
      /image-folder lists .*ILSVRC2012_val_00000001\.JPEG, which is not there\.$/,
    ));
  it('a list of classes that is not there', () =>
    expectRefusal(
      { ...example, dataset: file('image-folder'), labels: undefined, classes: '/nowhere/c' },
      /\/nowhere\/c/,
    ));
  it('a crop larger than what it is cut from', () =>
    expectRefusal({ ...example, resize: '24', crop: '28' }, /"crop" is 28, more than the shorter side .*\(24\)/));
  it('sizes of images for arrays', () =>
    expectRefusal(
      { ...example, crop: '28' },
      /is read as idx, which holds arrays: "resize" and "crop" are for image files/,
    ));
  it('a format that does not exist', () => expectRefusal({ ...example, format: 'tfrecord' }, /"format" is "tfrecord"/));
  it('indices beyond the dataset', () =>
    expectRefusal({ ...example, indices: '0,500' }, /"indices" names example 500, but .* holds 500, 0 to 499/));
  it('indices that do not ascend', () =>
    expectRefusal({ ...example, indices: '0,7-3' }, /"indices" is \[0,"7-3"\], but they must be ascending/));
  it('indices beside a stride', () =>
    expectRefusal({ ...example, indices: '0,7', stride: '2' }, /"indices" and "stride" are both given/));
  it('NaN pixels', () =>
    expectRefusal(
      { ...example, dataset: file('bad-nan.npz'), labels: undefined },
      /Example 2 of .*bad-nan\.npz holds NaN at position 34/,
    ));
  it('sigma of 0', () => expectRefusal({ ...example, sigma: '0' }, /"sigma" is 0.*greater than 0/));
  it('sigma below 0', () => expectRefusal({ ...example, sigma: '-0.5' }, /"sigma" is -0.5.*greater than 0/));
  it('sigma that is no number', () => expectRefusal({ ...example, sigma: 'much' }, /sigma/));
  it('alpha of 0', () => expectRefusal({ ...example, alpha: '0' }, /"alpha" is 0.*\(0, 0\.5\]/));
  it('alpha above a half', () => expectRefusal({ ...example, alpha: '0.6' }, /"alpha" is 0\.6.*\(0, 0\.5\]/));
  it('n0 of 0', () => expectRefusal({ ...example, n0: '0' }, /"n0" is 0.*from 1/));
  it('n of 0', () => expectRefusal({ ...example, n: '0' }, /"n" is 0.*from 1/));
  it('n too small ever to certify, saying the least', () =>
    expectRefusal({ ...example, n: '9', bound: 'clopper-pearson' }, /n = 9 is too small.*alpha = 0\.001.*n ≥ 10/));
  it('n too small ever to certify one of the radii, saying the least', () =>
    expectRefusal(
      { ...example, radii: '0,0.5,1' },
      /n = 200 is too small ever to certify the radius 1 at alpha = 0\.001.*n ≥ 221432/,
    ));
  it('radii that are not ascending', () =>
    expectRefusal({ ...example, radii: '0.5,0.25' }, /"radii" is \[0\.5,0\.25\].*ascending numbers from 0/));
  it('radii that are no numbers', () => expectRefusal({ ...example, radii: '0,far' }, /ascending numbers from 0/));
  it('a seed beside a challenge', () =>
    expectRefusal({ ...example, seed: 's', challenge: 'c' }, /"seed" and "challenge" are both given/));
  it('a missing model', () => expectRefusal({ ...example, model: undefined }, /"model" is missing/));
  it('a folder that cannot be written', () =>
    expectRefusal({ ...example, out: join(file('make-files.py'), 'out') }, /make-files\.py\/out/));

  it('a bucket that is not there', async () => {
    const { endpoint, root } = inject('s3');
    await expectRefusal({ ...example, out: 's3://no-such-bucket-here/x' }, /no-such-bucket-here/, {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
    });
  });

  it('a bucket without permission', async () => {
    const server = inject('s3');
    const bucket = await createBucket({ server });
    await expectRefusal({ ...example, out: `s3://${bucket}/x` }, new RegExp(bucket), {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ACCESS_KEY_ID: server.sampler.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.sampler.secretAccessKey,
    });
  });

  it('an unknown key of the request file, naming the nearest known one', async () => {
    const folder = temporaryFolder();
    const request = join(folder, 'request.yaml');
    writeFileSync(request, 'model: m.onnx\ndataset: d.npz\nsigmma: 0.25\n');
    const { code, stderr } = await runCli(['certify', request, '--local']);
    expect(stderr).toBe(`perimeter: ${request}: unknown key "sigmma". Did you mean "sigma"?\n`);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual(['request.yaml']);
  });

  it.each([
    ['{ mode: sequential, n: 500 }', '"sampling.radii" is missing: the radii to decide.'],
    [
      '{ mode: fixed, radii: [0] }',
      '"sampling.radii" belongs to the mode "sequential"; the mode "fixed" finds each radius itself.',
    ],
    ['{ mode: exact }', '"sampling.mode" is "exact", but must be "fixed" or "sequential".'],
    ['{ radii: [0], sigma: 1 }', 'unknown key "sampling.sigma"'],
    ['{ radii: [0], alpha: 0.01 }', '"alpha" is there twice, in "sampling" and beside it: leave one out.'],
    ['sequential', '"sampling" must be an object'],
  ])('a group of statistics such as %s', async (sampling, sentence) => {
    const request = join(temporaryFolder(), 'request.yaml');
    writeFileSync(request, `model: m.onnx\ndataset: d.npz\nsigma: 0.25\nalpha: 0.001\nsampling: ${sampling}\n`);
    const { code, stderr } = await runCli(['certify', request, '--local']);
    expect(stderr).toContain(`perimeter: ${request}: ${sentence}`);
    expect(code).toBe(2);
  });

  it('radii for PREDICT', async () => {
    const { code, stderr } = await runCli(['predict', '--local', ...flagsOf({ ...example, radii: '0' })]);
    expect(stderr).toBe('perimeter: the flags: "radii" is for "perimeter certify"; PREDICT gives no radius.\n');
    expect(code).toBe(2);
  });

  it('an unknown flag', async () => {
    const { code, stderr } = await runCli(['certify', '--sgima', '1']);
    expect(stderr).toMatch(/unknown option '--sgima'/);
    expect(code).toBe(2);
  });

  it('a run id that exists with another plan', async () => {
    const out = join(temporaryFolder(), 'out');
    const flags = (n: string) => [
      'certify',
      '--local',
      '--processes=1',
      ...flagsOf({ ...example, n, out, run: 'mine' }),
    ];
    expect((await runCli(flags('200'))).code).toBe(0);
    const before = readdirSync(join(out, 'runs', 'mine'));
    const { code, stderr } = await runCli(flags('300'));
    expect(stderr).toMatch(
      /Run mine exists .* another plan \(claim\.sampling\.n is 200 there and 300 here\): choose another run id/,
    );
    expect(code).toBe(2);
    expect(readdirSync(join(out, 'runs', 'mine'))).toEqual(before);
  });
});
