import { Command } from 'commander';
import type { ModelDescription } from '../../certification/classifier/graph/inspect-model.ts';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { readObject } from '../../certification/storage/read-object.ts';
import { modelFile, modelLines, writeModel } from '../model-file.ts';
import { convertCommand } from './model-convert.ts';

interface InspectOptions {
  readonly input?: string;
  readonly output?: string;
  readonly layout?: 'NCHW' | 'NHWC';
  readonly json?: boolean;
}

interface StackOptions extends InspectOptions {
  readonly out: string;
  readonly denoiserOutput?: string;
  readonly classifierInput?: string;
}

/** `perimeter model inspect`, `stack` and `convert`: ONNX files before they are certified. */
export function modelCommand(): Command {
  return new Command('model')
    .description('Look at a model, stack two, or convert one to half precision.')
    .addCommand(inspectCommand())
    .addCommand(stackCommand())
    .addCommand(convertCommand());
}

/** What the certifier sees in an ONNX file. */
function inspectCommand(): Command {
  return new Command('inspect')
    .description('What an ONNX classifier takes and gives, or why it cannot be certified.')
    .argument('<model>', 'a path, file:// or s3:// URI')
    .option('--input <name>', 'the image input, where there are several')
    .option('--output <name>', 'the class scores, where there are several outputs')
    .option('--layout <order>', 'NCHW or NHWC, where the shape leaves it open')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  perimeter model inspect examples/fashion-mnist/cnn-sigma-0.25.onnx')
    .action(async (uri: string, { json, ...options }: InspectOptions) => {
      const { inspectModel } = await import('../../certification/classifier/graph/inspect-model.ts');
      const bytes = await readObject(uri);
      const description = inspectModel(bytes, { name: uri, ...options });
      print({ ...description, sha256: sha256Hex(bytes) }, { json });
    });
}

/** A denoiser and a classifier as one model. */
function stackCommand(): Command {
  return new Command('stack')
    .description('Join a denoiser and a classifier into one ONNX model: denoised smoothing.')
    .argument('<denoiser>', 'from noisy images to images: a path, file:// or s3:// URI')
    .argument('<classifier>', 'of such images: a path, file:// or s3:// URI')
    .requiredOption('--out <file>', 'where to write the model; never overwritten')
    .option('--input <name>', "the denoiser's input, to be sure of it")
    .option('--denoiser-output <name>', 'the denoised image, where the denoiser has several outputs')
    .option('--classifier-input <name>', "the classifier's input, to be sure of it")
    .option('--output <name>', 'the class scores, where the classifier has several outputs')
    .option('--layout <order>', 'NCHW or NHWC, where the shape leaves it open')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  perimeter model stack denoiser.onnx classifier.onnx --out stacked.onnx

The classifier is given what the denoiser gives, as it is: a normalisation between the two belongs inside one of them.
The one that a request declares comes before the denoiser.`,
    )
    .action(async (denoiser: string, classifier: string, { json, out, ...options }: StackOptions) => {
      const [{ inspectModel }, { stackModels }] = await Promise.all([
        import('../../certification/classifier/graph/inspect-model.ts'),
        import('../../certification/classifier/graph/stack-models.ts'),
      ]);
      const file = modelFile(out);
      const { input, denoiserOutput, classifierInput, output, layout } = options;
      const bytes = stackModels({
        denoiser: { bytes: await readObject(denoiser), name: denoiser, input, output: denoiserOutput },
        classifier: { bytes: await readObject(classifier), name: classifier, input: classifierInput, output },
      });
      const description = inspectModel(bytes, { name: 'the stacked model', layout });
      await writeModel(file, bytes);
      print({ ...description, sha256: sha256Hex(bytes) }, { json, out });
    });
}

/** A model as text, or as one JSON object; with the file that it was written to. */
function print(
  description: ModelDescription & { sha256: string },
  { json, out }: { json?: boolean | undefined; out?: string },
): void {
  const text =
    json === true
      ? JSON.stringify({ ...description, ...(out !== undefined && { file: out }) })
      : modelLines(description, out).join('\n');
  process.stdout.write(`${text}\n`);
}
