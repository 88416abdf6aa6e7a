import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import type { HalfModel } from '../../certification/classifier/half/convert-to-half.ts';
import type { Agreement } from '../../certification/measure-agreement.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import type { Request } from '../../certification/records/request.ts';
import { readObject } from '../../certification/storage/read-object.ts';
import { addDatasetFlags } from '../dataset-flags.ts';
import { modelFile, modelLines, writeModel } from '../model-file.ts';
import { numberOrText } from '../number-or-text.ts';
import { wholeNumber } from '../whole-number.ts';

/** Enough for an interval of a few tenths of a per cent, and little for a small model. */
const DEFAULT_EXAMPLES = 100;
const DEFAULT_SAMPLES = 50;

interface Options {
  readonly fp16?: boolean;
  readonly out: string;
  readonly input?: string;
  readonly output?: string;
  readonly layout?: 'NCHW' | 'NHWC';
  readonly json?: boolean;
  readonly dataset?: string;
  readonly sigma?: number | string;
  readonly examples?: number;
  readonly samples?: number;
  readonly mean?: unknown[];
  readonly std?: unknown[];
  readonly batchSize?: number | string;
  readonly processes?: number;
}

/** `perimeter model convert`: a classifier in half precision, and how far it agrees with the one it was made from. */
export function convertCommand(): Command {
  const list = (value: string) => value.split(',').map((part) => numberOrText(part.trim()));
  const count = wholeNumber({ min: 1, max: 1_000_000 });
  return addDatasetFlags(new Command('convert'))
    .description('Convert a float32 classifier to half precision: a new base classifier, for GPUs.')
    .argument('<model>', 'the ONNX classifier: a path, file:// or s3:// URI')
    .option('--fp16', 'to half precision, the one conversion there is')
    .requiredOption('--out <file>', 'where to write the model; never overwritten')
    .option('--input <name>', 'the image input, to be sure of it')
    .option('--output <name>', 'the class scores, where there are several outputs')
    .option('--layout <order>', 'NCHW or NHWC, where the shape leaves it open')
    .option('--dataset <uri>', 'compare both models on noisy examples of this test set')
    .addOption(new Option('--sigma <s>', 'with --dataset: standard deviation of the noise').argParser(numberOrText))
    .option('--examples <n>', `with --dataset: so many examples, spread over it (default ${DEFAULT_EXAMPLES})`, count)
    .option('--samples <n>', `with --dataset: noisy samples of each (default ${DEFAULT_SAMPLES})`, count)
    .addOption(new Option('--mean <list>', "with --dataset: the request's normalisation.mean").argParser(list))
    .addOption(new Option('--std <list>', "with --dataset: the request's normalisation.std").argParser(list))
    .addOption(new Option('--batch-size <n>', 'with --dataset: the fixed batch').argParser(numberOrText))
    .option('--processes <n>', 'with --dataset: model processes (default: one a core)', wholeNumber({ min: 1 }))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  perimeter model convert model.onnx --fp16 --out model-fp16.onnx
  perimeter model convert examples/fashion-mnist/cnn-sigma-0.25.onnx --fp16 --out cnn-fp16.onnx \\
    --dataset examples/fashion-mnist/images.idx.gz --labels examples/fashion-mnist/labels.idx.gz --sigma 0.25

The result is another classifier with certificates of its own: those of the model it was made from don't hold for it.
It is for GPUs; on a CPU it is slower. Input and output stay float32.`,
    )
    .action(async (model: string, { fp16, out, json, ...flags }: Options) => {
      if (fp16 !== true) {
        throw new PerimeterError('InvalidRequest', 'Say what to convert to: --fp16, half precision.');
      }
      const file = modelFile(out);
      const request = agreementRequest(model, flags);
      const [{ convertToHalf }, { inspectModel }, { measureAgreement }] = await Promise.all([
        import('../../certification/classifier/half/convert-to-half.ts'),
        import('../../certification/classifier/graph/inspect-model.ts'),
        import('../../certification/measure-agreement.ts'),
      ]);
      const given = { name: model, input: flags.input, output: flags.output, layout: flags.layout };
      const single = await readObject(model);
      const half = convertToHalf(single, given);
      const agreement =
        request &&
        (await measureAgreement({
          request,
          model: single,
          half: half.bytes,
          examples: flags.examples ?? DEFAULT_EXAMPLES,
          samples: flags.samples ?? DEFAULT_SAMPLES,
          processes: flags.processes ?? availableParallelism(),
        }));
      await writeModel(file, half.bytes);
      const description = { ...inspectModel(half.bytes, given), sha256: sha256Hex(half.bytes) };
      if (json === true) {
        const { halfNodes, folded, kept } = half;
        process.stdout.write(`${JSON.stringify({ ...description, file: out, halfNodes, folded, kept, agreement })}\n`);
        return;
      }
      const lines = [...modelLines(description, out), ...halfLines(half), ...agreementLines(agreement)];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}

/** What the two models are compared on, as a request; undefined where no dataset is named. */
function agreementRequest(
  model: string,
  { examples, samples, mean, std, processes, ...flags }: Omit<Options, 'fp16' | 'out' | 'json'>,
): Request | undefined {
  const { input, output, layout, dataset, ...more } = flags;
  if (dataset === undefined) {
    const given = { ...more, examples, samples, mean, std, processes };
    const unused = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (unused === undefined) return undefined;
    const flag = unused.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new PerimeterError('InvalidRequest', `--${flag} is for comparing both models: give --dataset too.`);
  }
  if (flags.sigma === undefined) {
    throw new PerimeterError('InvalidRequest', '--dataset needs --sigma, the standard deviation of the noise.');
  }
  if ((mean === undefined) !== (std === undefined)) {
    throw new PerimeterError('InvalidRequest', '--mean and --std belong together: give both, one value a channel.');
  }
  const normalisation = mean && { mean, std };
  return parseRequest({ model, input, output, layout, dataset, normalisation, ...more }, 'the flags');
}

function halfLines({ halfNodes, folded, kept }: HalfModel): string[] {
  const plural = (nodes: number) => `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  return [
    `half        ${plural(halfNodes)}, after ${folded} BatchNormalization${folded === 1 ? ' was' : 's were'} folded`,
    ...kept.map(({ operator, nodes, why }) => `float32     ${operator}, ${plural(nodes)}: ${why}`),
  ];
}

function agreementLines(agreement: Agreement | undefined): string[] {
  if (agreement === undefined) {
    return ['agreement   not measured: --dataset and --sigma compare both models under noise'];
  }
  const { rate, lower, upper, confidence, same, samples, examples, unreadable, notNumbers, sigma } = agreement;
  return [
    `agreement   ${percent(rate, Math.floor)} under noise of sigma ${sigma}: ${same.toLocaleString('en')} of ${samples.toLocaleString('en')} samples of ${examples} examples have the same top class`,
    `            ${percent(lower, Math.floor)} to ${percent(upper, Math.ceil)} with confidence ${confidence}`,
    ...(notNumbers > 0 ? [`            ${notNumbers.toLocaleString('en')} samples gave no number`] : []),
    ...(unreadable > 0 ? [`            ${unreadable} more examples could not be read`] : []),
  ];
}

/** With two decimals, rounded to the side that is asked for. */
function percent(share: number, round: (value: number) => number): string {
  return `${(round(share * 10_000) / 100).toFixed(2)} %`;
}
