import { parseArgs } from 'node:util';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { parseDevice, type Device } from '../../certification/records/device.ts';
import { benchmarkedModels, type BenchmarkedModel } from './benchmarked-model.ts';
import { precisionsOf, type Precision } from './settings.ts';

/** How long a turn is where nothing is said: past what readings of the GPU look back. */
const SECONDS = 2;
const ROUNDS = 3;
const MINUTES = 4;
/** Of the matrices whose products tell the card's peak: large enough to keep all of it busy. */
const PEAK_SIDE = 8_192;
/** A CPU's, or a quick look's. */
const QUICK_PEAK_SIDE = 512;
const QUICK_SECONDS = 0.5;
const QUICK_BATCH = 8;

export interface BenchArguments {
  readonly device: Device;
  readonly models: readonly BenchmarkedModel[];
  readonly precisions: readonly Precision[];
  /** In place of each model's own. */
  readonly batches: readonly number[] | undefined;
  /** Of the paper's loop; undefined for the paper's. */
  readonly publishedBatch: number | undefined;
  /** Of a turn. */
  readonly seconds: number;
  readonly rounds: number;
  /** What is not begun by then is left out. */
  readonly minutes: number;
  readonly peakSide: number;
  /** Whether the sampler is measured with its convolutions in the other layout too. */
  readonly bothLayouts: boolean;
  readonly python: string;
  readonly out: string | undefined;
}

/**
 * Reads the benchmark's arguments.
 *
 * @throws PerimeterError `InvalidRequest`
 */
export function readArguments(args: readonly string[]): BenchArguments {
  const values = parse(args);
  const device = parseDevice(values.device ?? 'cuda');
  const { quick = false } = values;
  return {
    device,
    models: chosen('only', values.only, benchmarkedModels, ({ name }) => name),
    precisions: chosen('precisions', values.precisions, precisionsOf(device), (name) => name),
    batches: values.batches?.split(',').map((text) => whole('batches', text)) ?? (quick ? [QUICK_BATCH] : undefined),
    publishedBatch: quick ? QUICK_BATCH : undefined,
    seconds: values.seconds === undefined ? (quick ? QUICK_SECONDS : SECONDS) : positive('seconds', values.seconds),
    rounds: values.rounds === undefined ? (quick ? 1 : ROUNDS) : whole('rounds', values.rounds),
    minutes: values.minutes === undefined ? MINUTES : positive('minutes', values.minutes),
    peakSide: quick || device.kind === 'cpu' ? QUICK_PEAK_SIDE : PEAK_SIDE,
    bothLayouts: values['both-layouts'] ?? false,
    python: values.python ?? 'python3',
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        device: text,
        only: text,
        precisions: text,
        batches: text,
        seconds: text,
        rounds: text,
        minutes: text,
        python: text,
        out: text,
        quick: { type: 'boolean' },
        'both-layouts': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new PerimeterError('InvalidRequest', error instanceof Error ? error.message : String(error));
  }
}

function chosen<T>(
  flag: string,
  text: string | undefined,
  all: readonly T[],
  nameOf: (item: T) => string,
): readonly T[] {
  if (text === undefined) return all;
  return text.split(',').map((name) => {
    const found = all.find((item) => nameOf(item) === name);
    if (found !== undefined) return found;
    throw new PerimeterError(
      'InvalidRequest',
      `--${flag} names "${name}", but there are ${all.map(nameOf).join(', ')}.`,
    );
  });
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw new PerimeterError('InvalidRequest', `--${flag} is "${text}", but must be a number above 0.`);
}

function whole(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isSafeInteger(value)) return value;
  throw new PerimeterError('InvalidRequest', `--${flag} is "${text}", but must be a whole number above 0.`);
}
