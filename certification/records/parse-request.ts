import type { z } from 'zod';
import { PerimeterError } from '../perimeter-error.ts';
import { noDeviceNoise } from './device.ts';
import { issueSentence } from './issue-sentence.ts';
import {
  datasetSourceSchema,
  MAX_COUNT,
  requestFileSchema,
  requestSchema,
  type DatasetSource,
  type Request,
} from './request.ts';
import { STUB_LOCATION } from './stub.ts';
import { refuseStudy } from './study-file.ts';
import { uniformSigma } from '../smoothing/noise-scale.ts';

const knownKeys = Object.keys(requestFileSchema.shape);

/**
 * Reads a request and fills in its defaults.
 *
 * @param value what the file or the flags gave.
 * @param source what to call it in a message: a file's name, or "the flags".
 * @throws PerimeterError `InvalidRequest` naming the first fault, and for an unknown key the nearest known one.
 */
export function parseRequest(value: unknown, source: string): Request {
  refuseStudy(value, source);
  const flat = withUniformSigma(withStubLocations(ungroupSampling(value, source), source), source);
  const parsed = requestSchema.safeParse(flat);
  if (parsed.success) return consistent(parsed.data, source);
  const { issues } = parsed.error;
  // A key that is missing is often there, misspelt.
  const first = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  throw new PerimeterError('InvalidRequest', `${source}: ${describeIssue(first, flat)}`);
}

/** Reads what a dataset is. @throws PerimeterError `InvalidRequest`, as `parseRequest`. */
export function parseDatasetSource(value: unknown, source: string): DatasetSource {
  const parsed = datasetSourceSchema.safeParse(value);
  if (!parsed.success) {
    throw new PerimeterError('InvalidRequest', `${source}: ${describeIssue(parsed.error.issues[0], value)}`);
  }
  checkCrop(parsed.data, source);
  return parsed.data;
}

/**
 * A request with the keys of its `sampling` group beside the rest.
 *
 * @throws PerimeterError `InvalidRequest` where a key is given twice, or the group's mode and its radii disagree.
 */
export function ungroupSampling(value: unknown, source: string): unknown {
  if (typeof value !== 'object' || value === null || !('sampling' in value)) return value;
  const { sampling, ...rest } = value;
  const refuse = (why: string) => new PerimeterError('InvalidRequest', `${source}: ${why}`);
  if (typeof sampling !== 'object' || sampling === null || Array.isArray(sampling)) {
    throw refuse('"sampling" must be an object, such as { "mode": "sequential", "radii": [0.25, 0.5] }.');
  }
  const { mode, ...keys } = sampling as { mode?: unknown };
  const allowed = Object.keys(requestFileSchema.shape.sampling.unwrap().shape);
  for (const key of Object.keys(keys)) {
    if (!allowed.includes(key)) throw refuse(`unknown key "sampling.${key}". Known keys: ${allowed.join(', ')}.`);
    if (key in rest) throw refuse(`"${key}" is there twice, in "sampling" and beside it: leave one out.`);
  }
  if (mode !== undefined && mode !== 'fixed' && mode !== 'sequential') {
    throw refuse(`"sampling.mode" is ${JSON.stringify(mode)}, but must be "fixed" or "sequential".`);
  }
  if (mode === 'sequential' && !('radii' in keys)) throw refuse('"sampling.radii" is missing: the radii to decide.');
  if (mode === 'fixed' && 'radii' in keys) {
    throw refuse('"sampling.radii" belongs to the mode "sequential"; the mode "fixed" finds each radius itself.');
  }
  return { ...rest, ...keys };
}

/** What says where model and dataset are, and how to read them. */
const inputKeys = [
  'model',
  'input',
  'output',
  'layout',
  'normalisation',
  'dataset',
  'labels',
  'format',
  'datasetLayout',
  'classes',
  'resize',
  'crop',
  'imageColumn',
  'labelColumn',
];

/** A request with a stub has no model and no dataset; both say so. */
function withStubLocations(value: unknown, source: string): unknown {
  if (typeof value !== 'object' || value === null || !('stub' in value) || value.stub === undefined) return value;
  const given = Object.entries(value).filter(([key, of]) => inputKeys.includes(key) && of !== undefined);
  const real = given.filter(([, of]) => of !== STUB_LOCATION).map(([key]) => `"${key}"`);
  if (real.length > 0) {
    throw new PerimeterError(
      'InvalidRequest',
      `${source}: with "stub" no model is run and no dataset read: leave out ${real.join(' and ')}, or "stub".`,
    );
  }
  return { ...value, model: STUB_LOCATION, dataset: STUB_LOCATION };
}

/** A request of uniform noise with the standard deviation that follows from its lambda. */
function withUniformSigma(value: unknown, source: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { distribution, lambda, sigma } = value as Partial<Record<'distribution' | 'lambda' | 'sigma', unknown>>;
  const refuse = (why: string) => new PerimeterError('InvalidRequest', `${source}: ${why}`);
  if (distribution !== 'uniform') {
    if (lambda === undefined || (distribution !== undefined && distribution !== 'gaussian')) return value;
    throw refuse(
      '"lambda" is the half-width of uniform noise: give "distribution": "uniform" with it, or leave it out.',
    );
  }
  if (typeof lambda !== 'number' || !(lambda > 0 && lambda < Infinity)) {
    const found = lambda === undefined ? '"lambda" is missing' : `"lambda" is ${JSON.stringify(lambda)}`;
    throw refuse(
      `${found}: uniform noise has a half-width, a number greater than 0, in input units${sigma === undefined ? '' : ', in the place of "sigma" (it is sigma times the root of 3)'}.`,
    );
  }
  const own = uniformSigma(lambda);
  if (sigma !== undefined && sigma !== own) {
    throw refuse(
      `"sigma" and "lambda" are both given: uniform noise has the sigma ${own} of its lambda, so leave "sigma" out.`,
    );
  }
  return { ...value, sigma: own };
}

function consistent(request: Request, source: string): Request {
  const refuse = (why: string) => new PerimeterError('InvalidRequest', `${source}: ${why}`);
  if (request.radii !== undefined && request.mode === 'predict') {
    throw refuse('"radii" is for "perimeter certify"; PREDICT gives no radius.');
  }
  if (request.norm !== undefined && request.mode === 'predict') {
    throw refuse('"norm" is for "perimeter certify"; PREDICT gives no radius.');
  }
  if (request.noise === 'device' && request.distribution === 'uniform') {
    throw refuse(
      '"noise" is "device", and "distribution" is "uniform": a GPU\'s own generator draws Gaussian noise alone.',
    );
  }
  if (request.seed !== undefined && request.challenge !== undefined) {
    throw refuse('"seed" and "challenge" are both given: the seed of a challenge is its hash, so leave one out.');
  }
  checkCrop(request, source);
  if (request.noise === 'device' && request.device !== 'cuda') {
    throw refuse(`"noise" is "device", and "device" is "${request.device}": ${noDeviceNoise(request.device)}`);
  }
  if (request.indices !== undefined && request.stride !== 1) {
    throw refuse('"indices" and "stride" are both given: "indices" names the examples, so leave "stride" out.');
  }
  return request;
}

function checkCrop({ crop, resize }: Pick<Request, 'crop' | 'resize'>, source: string) {
  if (crop === undefined || resize === undefined || crop <= resize) return;
  throw new PerimeterError(
    'InvalidRequest',
    `${source}: "crop" is ${crop}, more than the shorter side that "resize" makes (${resize}): a crop lies within the image.`,
  );
}

/** The first fault as a sentence's end. */
function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.path.length === 0 && issue.code !== 'unrecognized_keys') {
    return 'expected an object of settings, such as { "model": "m.onnx", "dataset": "test.npz", "sigma": 0.25 }.';
  }
  return issueSentence(issue, { value, knownKeys, describeKey, expectation });
}

function describeKey(path: string): string {
  const shape = requestSchema.shape as Record<string, { description?: string } | undefined>;
  return shape[path]?.description ?? 'see docs/request.schema.json';
}

function expectation(path: string): string | undefined {
  if (path === 'sigma') return 'sigma, the standard deviation of the noise, must be a number greater than 0';
  if (path === 'distribution') return 'must be gaussian or uniform';
  if (path === 'norm') return 'must be l2, linf or l1';
  if (path === 'alpha') return 'alpha, the probability of a wrong certificate, must lie in (0, 0.5]';
  if (path === 'n' || path === 'n0')
    return `${path}, a number of samples, must be a whole number from 1 to ${MAX_COUNT}`;
  if (path.startsWith('radii')) return 'radii must be ascending numbers from 0, in input units, such as [0, 0.25, 0.5]';
  return undefined;
}
