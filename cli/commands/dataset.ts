import { Command } from 'commander';
import { inspectDataset, type DatasetInspection } from '../../certification/datasets/inspect-dataset.ts';
import { parseDatasetSource } from '../../certification/records/parse-request.ts';
import type { DatasetSource } from '../../certification/records/request.ts';
import { digestDataset, loadDataset } from '../../certification/sources.ts';
import { readObject } from '../../certification/storage/read-object.ts';
import { addDatasetFlags } from '../dataset-flags.ts';

/** Above, labels are summed up unless all are asked for. */
const MOST_LABELS_SHOWN = 20;

interface Options {
  readonly model?: string;
  readonly digest?: boolean;
  readonly allLabels?: boolean;
  readonly json?: boolean;
}

/** `perimeter dataset inspect`: what the certifier sees in a test set. */
export function datasetCommand(): Command {
  const inspect = addDatasetFlags(new Command('inspect'))
    .description('Count, shape, range and labels of a test set, and a warning where its labels look wrong.')
    .argument(
      '<dataset>',
      'a folder of images, tar, Parquet, NPZ, NPY, IDX or CIFAR binary: a path, file:// or s3:// URI',
    )
    .option('--model <uri>', 'the model it is for: compares the classes')
    .option('--digest', 'read every example for the digest, where examples are read one by one')
    .option('--all-labels', 'print every label, of more than 20 too')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  perimeter dataset inspect images.idx.gz --labels labels.idx.gz
  perimeter dataset inspect imagenet/val --resize 256 --crop 224 \\
    --labels LOC_val_solution.csv --classes LOC_synset_mapping.txt
  perimeter dataset inspect 's3://bucket/val-{000000..000049}.tar' --crop 224`,
    )
    .action(async (dataset: string, { model, digest, allLabels, json, ...flags }: Options & Partial<DatasetSource>) => {
      const opened = await loadDataset(parseDatasetSource({ dataset, ...flags }, 'the flags'));
      const modelClasses = model === undefined ? undefined : await classesOf(model);
      const inspection = await inspectDataset(opened, { modelClasses });
      const all = { dataset: { stride: 1, count: opened.examples, indices: null } };
      const sha256 = digest === true ? (await digestDataset(opened, all)).dataset.sha256 : inspection.sha256;
      if (json === true) {
        process.stdout.write(`${JSON.stringify({ ...inspection, sha256 })}\n`);
        return;
      }
      const lines = [...factLines({ ...inspection, sha256 }), ...labelLines(inspection, allLabels === true)];
      process.stdout.write(`${lines.join('\n')}\n`);
      for (const warning of inspection.warnings) process.stderr.write(`Warning: ${warning}\n`);
    });
  return new Command('dataset').description('Look at a test set.').addCommand(inspect);
}

async function classesOf(model: string): Promise<number> {
  const { inspectModel } = await import('../../certification/classifier/graph/inspect-model.ts');
  return inspectModel(await readObject(model), { name: model }).classes;
}

function factLines({ examples, shape, onLattice, values, sha256, read, unreadable }: DatasetInspection): string[] {
  const lattice = onLattice
    ? '8-bit: on the lattice of 1/255'
    : 'float32: snapped to a lattice of sigma/256, or lambda/256';
  const [first] = unreadable;
  return [
    `examples  ${examples}`,
    `shape     ${shape.join('×')}${shape.length === 3 ? ' (channels first)' : ''}`,
    `values    ${shortly(values.min)} to ${shortly(values.max)}, ${lattice}`,
    ...(read < examples ? [`read      ${read} of them, spread over all`] : []),
    ...(unreadable.length > 0
      ? [`unread    ${unreadable.length} can't be: of example ${first.index}, ${first.reason}`]
      : []),
    `SHA-256   ${sha256 ?? 'of those that a run certifies; of all with --digest'}`,
  ];
}

/** Four decimals are enough to see a range. */
function shortly(value: number): string {
  return String(Number(value.toFixed(4)));
}

function labelLines({ labels }: DatasetInspection, all: boolean): string[] {
  if (labels.length <= MOST_LABELS_SHOWN || all) {
    return [
      'label  examples',
      ...labels.map(
        ({ label, examples, name }) =>
          `${String(label).padStart(5)}  ${String(examples).padEnd(name ? 8 : 0)}${name ? `  ${name}` : ''}`,
      ),
    ];
  }
  const counts = labels.map(({ examples }) => examples).sort((a, b) => a - b);
  const [least, most] = [counts[0], counts[counts.length - 1]];
  const each = least === most ? `${least} examples each` : `${least} to ${most} examples each`;
  const { label: first, name: firstName } = labels[0];
  const { label: last, name: lastName } = labels[labels.length - 1];
  const named = (label: number, name: string | undefined) =>
    name === undefined ? String(label) : `${label} (${name})`;
  return [
    `labels    ${labels.length}: ${named(first, firstName)} to ${named(last, lastName)}, ${each}`,
    '          --all-labels lists them',
  ];
}
