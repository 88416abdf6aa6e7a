import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { PerimeterError } from '../perimeter-error.ts';
import { requestFileSchema, requestSchema } from './request.ts';

/** The keys that say how much noise: where one is a list, the request is a study of as many runs. */
const scaleKeys = ['sigma', 'lambda'] as const;
const scales = scaleKeys.map((key) => `"${key}"`).join(' or ');

/** A study has a table of so many rows at most. */
const MOST_RUNS = 100;

const pairSchema = requestSchema
  .pick({ model: true, sigma: true, lambda: true, normalisation: true, input: true, output: true, layout: true })
  .partial({ sigma: true });
const pairKeys = Object.keys(pairSchema.shape);

/** A request file that asks for a study: what differs between its runs is a list. */
const studyFileSchema = requestFileSchema.partial({ model: true }).extend({
  sigma: severalOf(requestSchema.shape.sigma).describe(
    'Standard deviations of the noise, in input units: each makes a run of the model.',
  ),
  lambda: severalOf(requestSchema.shape.lambda.unwrap()).describe(
    'Uniform noise: half its widths, in input units: each makes a run of the model.',
  ),
  pairs: z
    .array(pairSchema)
    .min(1)
    .max(MOST_RUNS)
    .optional()
    .describe(
      'In the place of model and sigma, or lambda: each pair of both makes a run. What else a pair says overrides the file.',
    ),
});

function severalOf<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.array(schema).min(1).max(MOST_RUNS)]).optional();
}

/** The JSON Schema of a file that asks for a study. */
export function studyJsonSchema() {
  const { required = [], ...schema } = z.toJSONSchema(studyFileSchema, { io: 'input' });
  const inputs = ['model', 'dataset'];
  const always = required.filter((key) => !inputs.includes(key));
  const asked = [
    ['pairs', 'dataset'],
    ...scaleKeys.flatMap((key) => [
      [key, ...inputs],
      [key, 'stub'],
    ]),
  ];
  return {
    ...schema,
    ...(always.length > 0 && { required: always }),
    anyOf: asked.map((keys) => ({ required: keys })),
  };
}

/** Whether settings ask for several runs: for a study. */
export function asksForStudy(settings: unknown): settings is Record<string, unknown> {
  if (typeof settings !== 'object' || settings === null) return false;
  const given = settings as Record<string, unknown>;
  return given.pairs !== undefined || scaleKeys.some((key) => Array.isArray(given[key]));
}

/** Refuses settings that ask for a study where one run is carried out. @throws PerimeterError `InvalidRequest`. */
export function refuseStudy(settings: unknown, source: string): void {
  if (!asksForStudy(settings)) return;
  const key = scaleKeys.find((candidate) => Array.isArray(settings[candidate]));
  const what = settings.pairs === undefined ? `several "${key}"` : '"pairs"';
  throw refusal(
    source,
    `${what} ask for a study, which "perimeter certify" alone carries out: name one "model" and one ${key === undefined ? scales : `"${key}"`}.`,
  );
}

/** The settings of one run of a study, and what to call them in a message. */
export interface RunSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly source: string;
}

/**
 * The settings of each run of a study: those that the runs share, with each one's own. Their values aren't checked.
 *
 * @param settings for which `asksForStudy`.
 * @throws PerimeterError `InvalidRequest` where a list is empty or has the same twice, or pairs say what they can't.
 */
export function splitStudy(settings: Readonly<Record<string, unknown>>, source: string): RunSettings[] {
  const { pairs, ...common } = settings;
  if (pairs !== undefined) return splitPairs(pairs, common, source);
  const lists = scaleKeys.filter((candidate) => Array.isArray(common[candidate]));
  if (lists.length > 1) throw refusal(source, `${scales} can be a list, and not both.`);
  const [key = 'sigma'] = lists;
  const values = common[key] as readonly unknown[];
  checkLength(values, { source, key, example: '[0.25, 0.5]' });
  const twice = repeated(values);
  if (twice !== undefined) {
    throw refusal(source, `"${key}" has ${JSON.stringify(values[twice])} twice: each makes one run.`);
  }
  return values.map((value) => ({ settings: { ...common, [key]: value }, source }));
}

function splitPairs(pairs: unknown, common: Readonly<Record<string, unknown>>, source: string): RunSettings[] {
  const example = '[{ "model": "m.onnx", "sigma": 0.25 }]';
  if (!Array.isArray(pairs)) throw refusal(source, `"pairs" must be a list, such as ${example}.`);
  checkLength(pairs, { source, key: 'pairs', example });
  const other = ['model', ...scaleKeys, 'stub'].find((key) => common[key] !== undefined);
  if (other !== undefined) {
    throw refusal(
      source,
      `"pairs" and "${other}" are both given: each pair names its model and ${scales}, so leave one of the two out.`,
    );
  }
  pairs.forEach((pair: unknown, at) => {
    if (typeof pair !== 'object' || pair === null || Array.isArray(pair)) {
      throw refusal(source, `pair ${at + 1} is ${JSON.stringify(pair)}, but must be an object, as in ${example}.`);
    }
    const unknown = Object.keys(pair).find((key) => !pairKeys.includes(key));
    const list = scaleKeys.find((key) => Array.isArray((pair as Record<string, unknown>)[key]));
    if (list !== undefined) {
      throw refusal(source, `pair ${at + 1} has a list of "${list}": a pair makes one run, so give each its own pair.`);
    }
    if (unknown === undefined) return;
    throw refusal(source, `unknown key "${unknown}" in pair ${at + 1}. A pair's keys: ${pairKeys.join(', ')}.`);
  });
  const twice = repeated(pairs);
  if (twice !== undefined) throw refusal(source, `pair ${twice + 1} was there before: each makes one run.`);
  return pairs.map((pair: Record<string, unknown>, at) => ({
    settings: { ...common, ...pair },
    source: `${source}, pair ${at + 1}`,
  }));
}

function checkLength(list: readonly unknown[], { source, key, example }: Record<'source' | 'key' | 'example', string>) {
  if (list.length === 0) throw refusal(source, `"${key}" is an empty list: expected at least one, such as ${example}.`);
  if (list.length > MOST_RUNS) {
    throw refusal(source, `"${key}" asks for ${list.length} runs, and a study has ${MOST_RUNS} at most.`);
  }
}

/** Where the first item is that equals one before it. */
function repeated(items: readonly unknown[]): number | undefined {
  const found = items.findIndex((item, at) => items.slice(0, at).some((before) => isDeepStrictEqual(before, item)));
  return found === -1 ? undefined : found;
}

function refusal(source: string, why: string): PerimeterError {
  return new PerimeterError('InvalidRequest', `${source}: ${why}`);
}
