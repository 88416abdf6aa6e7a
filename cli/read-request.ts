import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Option, type Command } from 'commander';
import { parse as parseYaml } from 'yaml';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { absoluteLocation } from './absolute-location.ts';
import { addDatasetFlags } from './dataset-flags.ts';
import { numberOrText } from './number-or-text.ts';
import { parseRequest, ungroupSampling } from '../certification/records/parse-request.ts';
import type { Request } from '../certification/records/request.ts';

/** Flags of a request, named as in the file. */
export type RequestFlags = Record<string, string | number | boolean | readonly unknown[] | undefined>;

/** Keys that name files or folders. */
const locations = ['model', 'dataset', 'labels', 'classes', 'out'] as const;

/** Adds the request's flags to a command; all keys but `normalisation`, which has parts of its own. */
export function addRequestFlags(command: Command): Command {
  const list = (value: string) => value.split(',').map((part) => numberOrText(part.trim()));
  const numeric = (flags: string, description: string) => new Option(flags, description).argParser(numberOrText);
  const several = (flags: string, description: string) =>
    new Option(flags, description).argParser((value) => (value.includes(',') ? list(value) : numberOrText(value)));
  return addDatasetFlags(command)
    .argument('[request]', 'a request file, JSON or YAML (docs/request.schema.json); flags override it')
    .option('--model <uri>', 'the ONNX classifier')
    .option('--dataset <uri>', 'a folder of images, tar, Parquet, NPZ, NPY, IDX or CIFAR binary')
    .addOption(several('--sigma <s>', 'standard deviation of the noise, in input units; several, as 0.25,0.5: a study'))
    .option('--distribution <name>', 'law of the noise: gaussian (default) or uniform')
    .addOption(several('--lambda <l>', 'uniform noise: half its width, in the place of --sigma; or several'))
    .option('--norm <name>', "of the radii: l2 (gaussian's default), l1 (uniform's default) or linf")
    .addOption(numeric('--n0 <n>', 'samples of the selection (default 100)'))
    .addOption(numeric('--n <n>', 'samples of the estimation (default 100000)'))
    .addOption(numeric('--alpha <a>', 'greatest probability that a certificate is wrong (default 0.001)'))
    .option('--input <name>', "the model's image input, where it has several")
    .option('--output <name>', "the model's class scores, where it has several outputs")
    .option('--layout <order>', "NCHW or NHWC, where the model's shape leaves it open")
    .addOption(
      new Option('--radii <list>', 'sequential mode: decide these radii alone, such as 0,0.25,0.5').argParser(list),
    )
    .option('--bound <name>', 'runner-up (default) or clopper-pearson')
    .option('--skip-misclassified', "skip the estimation where the selection isn't the label (default with --radii)")
    .option('--no-skip-misclassified', 'estimate every example')
    .option('--seed <text>', 'seed of the noise (default: drawn)')
    .option('--challenge <text>', "a reviewer's text: the seed is its hash with the claim")
    .addOption(numeric('--rho <p>', '1 - confidence of the bounds on certified accuracy (default 0.001)'))
    .addOption(numeric('--max-failed-share <s>', 'fail where more of the examples do (default 0.05)'))
    .option('--device <device>', 'what runs the model: cpu, cuda or webgpu')
    .option('--noise <name>', "exact (default), or device: CUDA's own generator, which can't be replayed")
    .option('--no-tf32', 'on CUDA: products in full float32, which is slower')
    .addOption(numeric('--limit <n>', 'at most so many examples'))
    .addOption(numeric('--stride <n>', 'every n-th example (default 1)'))
    .addOption(new Option('--indices <list>', 'these examples, such as 0,7,100-199').argParser(list))
    .addOption(numeric('--batch-size <n>', "the model's fixed batch"))
    .addOption(numeric('--threads <n>', 'threads of one model process (default 1)'))
    .addOption(numeric('--shard-size <n>', 'examples a shard, 1 to 256'))
    .addOption(numeric('--concurrency <n>', 'most shards under way at once (default 64)'))
    .option('--run <id>', "the run's id; an unfinished run of that id goes on")
    .option('--out <uri>', 'where runs are kept: a folder or s3:// (default perimeter-results)');
}

/** What a file and flags ask for, not checked yet. */
export interface AskedSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  /** What to call it in a message. */
  readonly source: string;
}

/**
 * The settings of a file and flags, with every location absolute, so that they mean the same to a worker in another
 * folder. Paths in a file are relative to the file; those of flags to the current folder.
 *
 * @param mode what the command does.
 * @throws PerimeterError `InvalidRequest` where the file can't be read, or its groups contradict it.
 */
export function askedSettings(file: string | undefined, flags: RequestFlags, mode?: Request['mode']): AskedSettings {
  const settings = file === undefined ? {} : readSettings(file, 'a request file');
  const fromFlags: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flags)) if (value !== undefined) fromFlags[key] = value;
  makeAbsolute(fromFlags, '.');
  const source = file ?? 'the flags';
  const folder = file === undefined ? '.' : dirname(file);
  return { settings: mergeSettings({ mode, ...settings }, { source, folder, more: fromFlags }), source };
}

/**
 * The request of settings, complete and checked.
 *
 * @param mode what the command does; settings that ask for another mode are refused.
 * @throws PerimeterError `InvalidRequest`.
 */
export function requestOf({ settings, source }: AskedSettings, mode?: Request['mode']): Request {
  const request = parseRequest(settings, source);
  if (mode !== undefined && request.mode !== mode) {
    throw new PerimeterError(
      'InvalidRequest',
      `${source}: "mode" is ${request.mode}: use "perimeter ${request.mode}".`,
    );
  }
  return { ...request, out: absoluteLocation(request.out, '.') };
}

/** `requestOf` the `askedSettings` of a file and flags. */
export function readRequest(file: string | undefined, flags: RequestFlags, mode?: Request['mode']): Request {
  return requestOf(askedSettings(file, flags, mode), mode);
}

interface Merging {
  /** What to call the settings in a message. */
  readonly source: string;
  /** What their paths are relative to. */
  readonly folder: string;
  /** Settings that override them, as they are. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * A request of settings, complete and checked, with the locations of model, dataset and their files absolute.
 *
 * @throws PerimeterError `InvalidRequest`.
 */
export function resolveRequest(settings: Readonly<Record<string, unknown>>, merging: Merging): Request {
  return parseRequest(mergeSettings(settings, merging), merging.source);
}

function mergeSettings(
  settings: Readonly<Record<string, unknown>>,
  { source, folder, more = {} }: Merging,
): Record<string, unknown> {
  const flat = { ...(ungroupSampling(settings, source) as Record<string, unknown>) };
  makeAbsolute(flat, folder);
  return { ...withoutDisplaced(flat, more), ...more };
}

/** Settings without how much noise they name, where flags name it by the other law's key. */
function withoutDisplaced(
  settings: Readonly<Record<string, unknown>>,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const displaced: string[] = [];
  if (flags.lambda !== undefined) displaced.push('sigma');
  if (flags.sigma !== undefined && settings.lambda !== undefined) displaced.push('lambda', 'distribution');
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !displaced.includes(key)));
}

/**
 * The settings in a file, JSON or YAML.
 *
 * @param what the kind of file that is expected, for messages.
 * @throws PerimeterError `InvalidRequest` where it can't be read, or holds no settings.
 */
export function readSettings(file: string, what: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new PerimeterError('InvalidRequest', `${file} can't be read: expected ${what}, JSON or YAML.`);
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new PerimeterError('InvalidRequest', `${file} is neither JSON nor YAML: ${reason}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PerimeterError('InvalidRequest', `${file}: expected ${what}, which is an object of settings.`);
  }
  return value as Record<string, unknown>;
}

function makeAbsolute(request: Record<string, unknown>, folder: string) {
  for (const key of locations) {
    const value = request[key];
    if (typeof value === 'string' && value !== '') request[key] = absoluteLocation(value, folder);
  }
  // The runs of a study each name a model.
  if (!Array.isArray(request.pairs)) return;
  request.pairs = request.pairs.map((pair: unknown) => {
    if (typeof pair !== 'object' || pair === null || Array.isArray(pair)) return pair;
    const own = { ...pair };
    makeAbsolute(own, folder);
    return own;
  });
}
