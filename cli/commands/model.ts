import { Command } from 'commander';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { readObject } from '../../certification/storage/read-object.ts';

/** `perimeter model inspect`: what the certifier sees in an ONNX file. */
export function modelCommand(): Command {
  const inspect = new Command('inspect')
    .description('What an ONNX classifier takes and gives, or why it cannot be certified.')
    .argument('<model>', 'a path, file:// or s3:// URI')
    .option('--input <name>', 'the image input, where there are several')
    .option('--output <name>', 'the class scores, where there are several outputs')
    .option('--layout <order>', 'NCHW or NHWC, where the shape leaves it open')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  perimeter model inspect examples/fashion-mnist/cnn-sigma-0.25.onnx')
    .action(async (uri: string, { json, ...options }: { json?: boolean; layout?: 'NCHW' | 'NHWC' }) => {
      const { inspectModel } = await import('../../certification/classifier/inspect-model.ts');
      const bytes = await readObject(uri);
      const description = inspectModel(bytes, { name: uri, ...options });
      const sha256 = sha256Hex(bytes);
      if (json === true) {
        process.stdout.write(`${JSON.stringify({ ...description, sha256 })}\n`);
        return;
      }
      const { input, output, layout, shape, classes, batch, opset, producer, parameters, nodes } = description;
      process.stdout.write(
        [
          `input       ${input.name}: ${input.type} [${input.dims.join(', ')}], ${layout}`,
          `output      ${output.name}: [${output.dims.join(', ')}]`,
          `example     ${shape.join('×')}${layout === 'features' ? '' : ' (channels first)'}`,
          `classes     ${classes}`,
          `batch       ${batch ?? 'any'}`,
          `parameters  ${parameters.toLocaleString('en')} in ${nodes} nodes`,
          `made by     ${producer || 'unknown'}, opset ${opset}`,
          `SHA-256     ${sha256}`,
          '',
        ].join('\n'),
      );
    });
  return new Command('model').description('Look at a model.').addCommand(inspect);
}
