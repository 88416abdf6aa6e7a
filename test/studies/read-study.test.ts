import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { requestDigest } from '../../certification/records/request.ts';
import { askedSettings, readRequest, type RequestFlags } from '../../cli/read-request.ts';
import { studyOf } from '../../cli/study/read-study.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const shared = { dataset: 'test.npz', n: 2000 };

/** What a file with these settings asks for. */
function asked(settings: Record<string, unknown>, flags: RequestFlags = {}) {
  const folder = temporaryFolder();
  const file = join(folder, 'study.yaml');
  writeFileSync(file, JSON.stringify(settings));
  const within = (name: string) => pathToFileURL(join(folder, name)).href;
  return { study: () => studyOf(askedSettings(file, flags, 'certify')), within, file };
}

describe('a request with several sigma', () => {
  it('is a study of a run each, which differ in sigma and id alone', () => {
    const { study, within } = asked({ ...shared, model: 'm.onnx', sigma: [0.25, 0.5], run: 's', seed: 7 });
    const runs = study()?.runs ?? [];
    expect(runs.map(({ run, sigma }) => [run, sigma])).toEqual([
      ['s-0.25', 0.25],
      ['s-0.5', 0.5],
    ]);
    for (const request of runs) expect(request.model).toBe(within('m.onnx'));
    const single = asked({ ...shared, model: 'm.onnx', sigma: 0.5, run: 's-0.5', seed: 7 });
    const { model, dataset } = runs[1];
    expect(requestDigest({ ...readRequest(single.file, {}, 'certify'), model, dataset })).toBe(requestDigest(runs[1]));
  });

  it('is asked for by a flag too, which overrides one sigma; one overrides several', () => {
    const one = asked({ ...shared, model: 'm.onnx', sigma: 0.25 }, { sigma: [0.5, 1] });
    expect(one.study()?.runs.map(({ sigma }) => sigma)).toEqual([0.5, 1]);
    const several = asked({ ...shared, model: 'm.onnx', sigma: [0.5, 1] }, { sigma: 0.25 });
    expect(several.study()).toBeUndefined();
  });

  it('may have one alone, and has an id of its own where none is given', () => {
    const study = asked({ ...shared, model: 'm.onnx', sigma: [0.25] }).study();
    expect(study?.study).toMatch(/^\d{8}-\d{6}-[0-9a-f]{6}$/);
    expect(study?.runs.map(({ run }) => run)).toEqual([`${study?.study}-0.25`]);
  });

  it('takes the statistics as a group too', () => {
    const sampling = { mode: 'sequential', radii: [0.25], n: 500 };
    const study = asked({ dataset: 'test.npz', model: 'm.onnx', sigma: [0.25, 0.5], sampling }).study();
    expect(study?.runs.map(({ radii, n }) => ({ radii, n }))).toEqual(Array(2).fill({ radii: [0.25], n: 500 }));
  });
});

describe('a request of uniform noise with several lambda', () => {
  const uniform = { ...shared, distribution: 'uniform', run: 's' };

  it('is a study of a run each, whose ids tell lambda', () => {
    const { study } = asked({ ...uniform, model: 'm.onnx', lambda: [0.25, 0.5] });
    expect(study()?.runs.map(({ run, lambda, sigma }) => [run, lambda, sigma])).toEqual([
      ['s-0.25', 0.25, 0.25 / Math.sqrt(3)],
      ['s-0.5', 0.5, 0.5 / Math.sqrt(3)],
    ]);
  });

  it('may pair models with lambda', () => {
    const pairs = [
      { model: 'a.onnx', lambda: 0.25 },
      { model: 'b.onnx', lambda: 1 },
    ];
    expect(
      asked({ ...uniform, pairs })
        .study()
        ?.runs.map(({ run }) => run),
    ).toEqual(['s-0.25', 's-1']);
  });
});

describe('a request with pairs of model and sigma', () => {
  const pairs = [
    { model: 'a.onnx', sigma: 0.25 },
    { model: 'b.onnx', sigma: 0.25, normalisation: { mean: [0.5], std: [0.2] } },
    { model: 'b.onnx', sigma: 1e21, layout: 'NHWC' },
  ];

  it('is a study of a run each, whose ids differ where sigma does not, with paths relative to the file', () => {
    const { study, within } = asked({ ...shared, pairs, run: 's', layout: 'NCHW' });
    expect(
      study()?.runs.map(({ run, model, layout, normalisation }) => ({ run, model, layout, normalisation })),
    ).toEqual([
      { run: 's-0.25', model: within('a.onnx'), layout: 'NCHW', normalisation: undefined },
      { run: 's-0.25-2', model: within('b.onnx'), layout: 'NCHW', normalisation: { mean: [0.5], std: [0.2] } },
      { run: 's-1e21', model: within('b.onnx'), layout: 'NHWC', normalisation: undefined },
    ]);
  });
});

describe('a study is refused in one sentence where', () => {
  const model = 'm.onnx';
  const pair = { model, sigma: 0.25 };
  it.each<[string, Record<string, unknown>, RequestFlags, RegExp]>([
    ['no sigma is in the list', { model, sigma: [] }, {}, /"sigma" is an empty list: expected at least one/],
    [
      'sigma and lambda are both lists',
      { model, sigma: [1], lambda: [1] },
      {},
      /"sigma" or "lambda" can be a list, and/,
    ],
    [
      'lambda is a list, and the noise not uniform',
      { model, lambda: [1] },
      {},
      /give "distribution": "uniform" with it/,
    ],
    ['no pair is', { pairs: [] }, {}, /"pairs" is an empty list/],
    ['a sigma is there twice', { model, sigma: [0.25, 0.5, 0.25] }, {}, /"sigma" has 0\.25 twice/],
    ['a pair is', { pairs: [pair, { sigma: 0.25, model }] }, {}, /pair 2 was there before/],
    ['pairs and sigma are both given', { pairs: [pair], sigma: 0.5 }, {}, /"pairs" and "sigma" are both given/],
    ['pairs and several sigma are', { pairs: [pair], sigma: [0.5] }, {}, /"pairs" and "sigma" are both given/],
    ['pairs and a model are, by a flag', { pairs: [pair] }, { model }, /"pairs" and "model" are both given/],
    ['a pair has no model', { pairs: [pair, { sigma: 1 }] }, {}, /yaml, pair 2: "model" is missing/],
    ['a pair has no sigma', { pairs: [{ model }] }, {}, /yaml, pair 1: "sigma" is missing/],
    [
      'a pair says more',
      { pairs: [{ ...pair, n: 10 }] },
      {},
      /unknown key "n" in pair 1\. A pair's keys: model, sigma,/,
    ],
    [
      'a pair has several sigma',
      { pairs: [{ model, sigma: [1, 2] }] },
      {},
      /pair 1 has a list of "sigma": a pair makes one run/,
    ],
    ['a pair is none', { pairs: [0.25] }, {}, /pair 1 is 0\.25, but must be an object/],
    ['pairs are no list', { pairs: pair }, {}, /"pairs" must be a list/],
    ['a sigma is no number', { model, sigma: [0.25, 'large'] }, {}, /"sigma" is "large", but sigma.* greater than 0/],
    ['a sigma is infinite', { model }, { sigma: [Infinity, 0.5] }, /"sigma" is null, but sigma.* greater than 0/],
    ['a sigma is 0', { model }, { sigma: [0.25, 0] }, /"sigma" is 0, but sigma.* greater than 0/],
    [
      'too many are asked for',
      { model, sigma: Array.from({ length: 101 }, (_, at) => at + 1) },
      {},
      /asks for 101 runs, and a study has 100 at most/,
    ],
    [
      'one run could never answer',
      { model, sigma: [1, 0.1], radii: [0.25], n: 500 },
      {},
      /at sigma 0\.1: n = 500 is too small ever to certify the radius 0\.25/,
    ],
    ['its name leaves no room', { model, sigma: [0.25], run: 'x'.repeat(97) }, {}, /can't name a study/],
    ['the file is of PREDICT', { model, sigma: [0.25], mode: 'predict' }, {}, /"mode" is predict/],
  ])('%s', (_, settings, flags, sentence) => {
    const { study } = asked({ ...shared, ...settings }, flags);
    expect(study).toThrow(sentence);
    expect(study).toThrow(expect.objectContaining({ code: 'InvalidRequest' }) as Error);
    expect(study).not.toThrow(/\n/);
  });
});

describe('where one run is carried out, a study is refused', () => {
  it.each([
    [{ model: 'm.onnx', sigma: [0.25, 0.5] }, /several "sigma" ask for a study, which "perimeter certify" alone/],
    [{ model: 'm.onnx', lambda: [0.5] }, /several "lambda" ask for a study.* one "lambda"\.$/],
    [{ pairs: [] }, /"pairs" ask for a study/],
  ])('%j', (settings, sentence) => {
    expect(() => parseRequest({ ...shared, ...settings }, 'the request')).toThrow(sentence);
  });
});
