import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stackModels } from '../../certification/classifier/graph/stack-models.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';
import { denoiserModel } from '../models/denoiser-model.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const denoiser = denoiserModel();
const classifier = cnnModel({ shape: [3, 8, 12], convolutions: tinyCnn });
const stacked = stackModels({ denoiser: { bytes: denoiser }, classifier: { bytes: classifier } });

/** A folder with both models, and `model stack` of them in it. */
function folderWithModels(classifierBytes = classifier) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'd.onnx'), denoiser);
  writeFileSync(join(cwd, 'c.onnx'), classifierBytes);
  return { cwd, stack: (...flags: string[]) => runCli(['model', 'stack', 'd.onnx', 'c.onnx', ...flags], { cwd }) };
}

describe('perimeter model stack', () => {
  it('writes the stacked model and says what it takes and gives', async () => {
    const { cwd, stack } = folderWithModels();
    const { code, stdout, stderr } = await stack('--out', 'stacked.onnx');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const bytes = readFileSync(join(cwd, 'stacked.onnx'));
    expect(new Uint8Array(bytes)).toEqual(stacked);
    expect(stdout).toBe(
      [
        'input       input: float32 [N, 3, 8, 12], NCHW',
        'output      logits: [N, 10]',
        'example     3×8×12 (channels first)',
        'classes     10',
        'batch       any',
        'parameters  831 in 11 nodes',
        'made by     perimeter model stack, opset 17',
        `SHA-256     ${createHash('sha256').update(bytes).digest('hex')}`,
        'file        stacked.onnx',
        '',
      ].join('\n'),
    );
    expect(readdirSync(cwd).sort()).toEqual(['c.onnx', 'd.onnx', 'stacked.onnx']);
    const seen = await runCli(['model', 'inspect', 'stacked.onnx'], { cwd });
    expect(`${seen.stdout}file        stacked.onnx\n`).toBe(stdout);
  });

  it('prints one JSON object with --json, and reads and writes by file:// too', async () => {
    const { cwd } = folderWithModels();
    const [first, second, out] = ['d.onnx', 'c.onnx', 'new/stacked.onnx'].map(
      (name) => pathToFileURL(join(cwd, name)).href,
    );
    const { stdout } = await runCli(['model', 'stack', first, second, '--out', out, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      shape: [3, 8, 12],
      classes: 10,
      parameters: 831,
      sha256: createHash('sha256').update(stacked).digest('hex'),
      file: out,
    });
    expect(existsSync(join(cwd, 'new', 'stacked.onnx'))).toBe(true);
  });

  it('never overwrites a file', async () => {
    const { cwd, stack } = folderWithModels();
    mkdirSync(join(cwd, 'folder'));
    for (const out of ['c.onnx', 'folder']) {
      const { code, stdout, stderr } = await stack('--out', out);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(`perimeter: ${out} is there already, and a model is never overwritten: name another file.\n`);
    }
    expect(new Uint8Array(readFileSync(join(cwd, 'c.onnx')))).toEqual(classifier);
    expect(readdirSync(cwd).sort()).toEqual(['c.onnx', 'd.onnx', 'folder']);
  });

  it.each([
    [
      'models that do not fit',
      cnnModel({ convolutions: tinyCnn }),
      [],
      /d\.onnx gives \[N, 3, 8, 12\] .* c\.onnx takes/,
    ],
    ['a classifier that is none', denoiser, [], /c\.onnx has no class axis/],
    ['an output that is not there', classifier, ['--output', 'scores'], /c\.onnx has no output 'scores'/],
    ['a denoised image that is not there', classifier, ['--denoiser-output', 'y'], /d\.onnx has no output 'y'/],
    ['an input that is not there', classifier, ['--input', 'x'], /d\.onnx has no input 'x'/],
    ['a classifier input that is not there', classifier, ['--classifier-input', 'x'], /c\.onnx has no input 'x'/],
    [
      'a bucket to write to',
      classifier,
      ['--out', 's3://bucket/m.onnx'],
      /--out is s3:\/\/bucket\/m\.onnx: expected a path/,
    ],
    ['a path below a file', classifier, ['--out', 'd.onnx/m.onnx'], /refused writing d\.onnx\/m\.onnx/],
  ])('refuses %s in one sentence, and leaves no file', async (_, bytes, flags, sentence) => {
    const { cwd, stack } = folderWithModels(bytes);
    const { code, stdout, stderr } = await stack('--out', 'out/stacked.onnx', ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^perimeter: [^\n]+\.\n$/);
    expect(readdirSync(cwd).sort()).toEqual(['c.onnx', 'd.onnx']);
  });

  it('asks for --out, and for files that are there', async () => {
    const { cwd, stack } = folderWithModels();
    expect(await stack()).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/--out <file>/) as string,
    });
    const missing = await runCli(['model', 'stack', 'd.onnx', 'none.onnx', '--out', 'm.onnx'], { cwd });
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toMatch(/There is no file .*none\.onnx/);
  });
});
