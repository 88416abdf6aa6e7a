import { Command } from 'commander';
import { inspectDataset } from '../../certification/datasets/inspect-dataset.ts';
import { openDataset } from '../../certification/datasets/open-dataset.ts';
import { readObject } from '../../certification/storage/read-object.ts';

interface Options {
  readonly labels?: string;
  readonly format?: 'idx' | 'npz';
  readonly layout?: 'NCHW' | 'NHWC';
  readonly json?: boolean;
}

/** `perimeter dataset inspect`: what the certifier sees in a test set. */
export function datasetCommand(): Command {
  const inspect = new Command('inspect')
    .description('Count, shape, range and labels of a test set.')
    .argument('<images>', 'IDX images (plain or .gz) or NPZ: a path, file:// or s3:// URI')
    .option('--labels <uri>', 'the labels of IDX images')
    .option('--format <name>', 'idx or npz, where name and first bytes leave it open')
    .option('--layout <order>', 'NCHW or NHWC, where the shape leaves it open')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  perimeter dataset inspect examples/fashion-mnist/images.idx.gz --labels examples/fashion-mnist/labels.idx.gz',
    )
    .action(async (images: string, { json, ...options }: Options) => {
      const inspection = await inspectDataset(await openDataset({ images, ...options }, readObject));
      if (json === true) {
        process.stdout.write(`${JSON.stringify(inspection)}\n`);
        return;
      }
      const { examples, shape, kind, values, labels, sha256 } = inspection;
      const lattice =
        kind === 'uint8' ? '8-bit: on the lattice of 1/255' : 'float32: snapped to a lattice of sigma/256';
      process.stdout.write(
        [
          `examples  ${examples}`,
          `shape     ${shape.join('×')}${shape.length === 3 ? ' (channels first)' : ''}`,
          `values    ${values.min} to ${values.max}, ${lattice}`,
          `SHA-256   ${sha256}`,
          'label  examples',
          ...labels.map(({ label, examples: count }) => `${String(label).padStart(5)}  ${count}`),
          '',
        ].join('\n'),
      );
    });
  return new Command('dataset').description('Look at a test set.').addCommand(inspect);
}
