import { Option, type Command } from 'commander';
import { datasetFormats } from '../certification/records/request.ts';
import { numberOrText } from './number-or-text.ts';

/** Adds the flags that say how a dataset is read, named as in a request. */
export function addDatasetFlags(command: Command): Command {
  const numeric = (flags: string, description: string) => new Option(flags, description).argParser(numberOrText);
  return command
    .option('--labels <uri>', 'the labels, where in a file of their own (IDX, NPY, or a CSV of path and label)')
    .option('--classes <uri>', "the model's classes in order, one a line, where the dataset names classes")
    .option('--format <name>', `${datasetFormats.join(', ')}; where names and first bytes leave it open`)
    .option('--dataset-layout <order>', "NCHW or NHWC, where the dataset's shape leaves it open")
    .addOption(numeric('--resize <pixels>', 'image files: resize the shorter side'))
    .addOption(numeric('--crop <pixels>', 'image files: cut a square out of the centre'))
    .option('--interpolation <kernel>', 'image files: bilinear (default), bicubic or lanczos')
    .addOption(numeric('--channels <n>', 'image files: 3 (default) or 1'))
    .option('--image-column <name>', 'Parquet: the column of images, where not plain')
    .option('--label-column <name>', 'Parquet: the column of labels, where not plain');
}
