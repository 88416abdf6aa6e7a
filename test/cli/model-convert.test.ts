import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertToHalf } from '../../certification/classifier/half/convert-to-half.ts';
import { reasons } from '../../certification/classifier/half/half-operators.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { convertibleModels } from '../models/convertible-models.ts';
import { fashionMnist } from '../support/fashion-mnist.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const classifier = cnnModel({ shape: [3, 8, 8], convolutions: tinyCnn });
const residual = convertibleModels.find(([what]) => what.startsWith('residual'))?.[1] ?? new Uint8Array();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const fashion = ['--dataset', fashionMnist.dataset, '--labels', fashionMnist.labels, '--sigma', '0.25'];

/** A folder with a model, and `model convert` of it. */
function folderWithModel(bytes = classifier) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'm.onnx'), bytes);
  const convert = (...flags: string[]) => runCli(['model', 'convert', 'm.onnx', ...flags], { cwd });
  return { cwd, convert };
}

describe('perimeter model convert --fp16', () => {
  it('writes the model and says what became of it, and how to compare it', async () => {
    const { cwd, convert } = folderWithModel(residual);
    const { code, stdout, stderr } = await convert('--fp16', '--out', 'half.onnx');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const bytes = readFileSync(join(cwd, 'half.onnx'));
    expect(Buffer.compare(bytes, convertToHalf(residual).bytes)).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'input       input: float32 [N, 3, 8, 8], NCHW',
      'output      logits: [N, 10]',
      'example     3×8×8 (channels first)',
      'classes     10',
      'batch       any',
      'parameters  923 in 13 nodes',
      'made by     perimeter model convert, opset 17',
      `SHA-256     ${sha256(bytes)}`,
      'file        half.onnx',
      'half        10 nodes, after 3 BatchNormalizations were folded',
      `float32     Gemm, 1 node: ${reasons.scores}`,
      'agreement   not measured: --dataset and --sigma compare both models under noise',
      '',
    ]);
    const seen = await runCli(['model', 'inspect', 'half.onnx'], { cwd });
    expect(stdout.startsWith(seen.stdout)).toBe(true);
  });

  it('compares both models on noisy examples of a dataset, in words and as JSON, the same each time', async () => {
    const { cwd, convert } = folderWithModel(readFileSync(fashionMnist.model));
    const few = ['--fp16', ...fashion, '--examples', '10', '--samples', '30'];
    const { code, stdout, stderr } = await convert('--out', 'half.onnx', ...few);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /\nagreement {3}(\d+\.\d\d) % under noise of sigma 0\.25: (\d+) of 300 samples of 10 examples have the same top class\n {12}\d+\.\d\d % to 100\.00 % with confidence 0\.999\n$/,
    );
    const json = await convert('--out', 'again.onnx', '--json', ...few);
    const found = JSON.parse(json.stdout) as { agreement: { same: number }; kept: unknown };
    expect(found).toMatchObject({
      sha256: sha256(readFileSync(join(cwd, 'half.onnx'))),
      file: 'again.onnx',
      input: { name: 'image', type: 'float32' },
      halfNodes: 11,
      folded: 0,
      kept: [{ operator: 'Gemm', nodes: 1, why: reasons.scores }],
      agreement: { sigma: 0.25, examples: 10, samples: 300, notNumbers: 0, unreadable: 0, confidence: 0.999 },
    });
    expect(found.agreement.same).toBeGreaterThanOrEqual(298);
    expect(stdout).toContain(`: ${found.agreement.same} of 300 samples`);
  });

  it('gives a model that is certified like any other, under a digest of its own', async () => {
    const { cwd, convert } = folderWithModel(readFileSync(fashionMnist.model));
    await convert('--fp16', '--out', 'half.onnx');
    const run = await runCli(
      [
        ...['certify', '--local', '--json', '--model', 'half.onnx', ...fashion, '--limit', '4', '--n', '2000'],
        ...['--seed', '1', '--run', 'half', '--out', '.'],
      ],
      { cwd },
    );
    expect(run).toMatchObject({ code: 0 });
    const folder = join(cwd, 'runs', 'half');
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as { claim: { model: object } };
    expect(plan.claim.model).toMatchObject({ sha256: sha256(readFileSync(join(cwd, 'half.onnx'))), classes: 10 });
    expect(plan.claim.model).not.toMatchObject({ sha256: sha256(readFileSync(fashionMnist.model)) });
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as { certified: number };
    expect(summary.certified).toBeGreaterThanOrEqual(3);
    const verified = await runCli(['verify', 'runs/half', '--replay', '100%'], { cwd });
    expect(verified).toMatchObject({ code: 0 });
  });

  it.each([
    ['no kind of conversion', [], /^perimeter: Say what to convert to: --fp16/],
    ['a file that is there', ['--fp16', '--out', 'm.onnx'], /m\.onnx is there already/],
    ['a bucket to write to', ['--fp16', '--out', 's3://bucket/m.onnx'], /--out is s3:\/\/bucket\/m\.onnx: expected/],
    ['an output that is not there', ['--fp16', '--output', 'y'], /m\.onnx has no output 'y'/],
    ['sigma without a dataset', ['--fp16', '--sigma', '0.25'], /--sigma is for comparing both models: give --dataset/],
    ['a batch without a dataset', ['--fp16', '--batch-size', '8'], /--batch-size is for comparing both models/],
    ['a dataset without sigma', ['--fp16', ...fashion.slice(0, 4)], /--dataset needs --sigma/],
    ['a sigma that is none', ['--fp16', ...fashion.slice(0, 4), '--sigma', '-1'], /sigma, the standard deviation/],
    ['a mean alone', ['--fp16', ...fashion, '--mean', '0.5'], /--mean and --std belong together/],
    ['a dataset of other images', ['--fp16', ...fashion], /examples of shape 1×28×28, but .*m\.onnx takes 3×8×8/],
    ['a dataset that is not there', ['--fp16', '--dataset', 'none.npz', '--sigma', '1'], /no file .*none\.npz/],
  ])('refuses %s in one sentence, and leaves no file', async (_, flags, sentence) => {
    const { cwd, convert } = folderWithModel();
    const { code, stdout, stderr } = await convert('--out', 'half.onnx', ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^perimeter: [^\n]+\.\n$/);
    expect(readdirSync(cwd)).toEqual(['m.onnx']);
    expect(Buffer.compare(readFileSync(join(cwd, 'm.onnx')), classifier)).toBe(0);
  });

  it('refuses its own result', async () => {
    const { convert } = folderWithModel(convertToHalf(classifier).bytes);
    const { code, stderr } = await convert('--fp16', '--out', 'half.onnx');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "perimeter: m.onnx is in half precision already, in whole or in part ('conv0.weight'): give the float32 model.\n",
    });
  });
});
