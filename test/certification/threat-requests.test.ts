import { describe, expect, it } from 'vitest';
import { checkRequest } from '../../certification/check-request.ts';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { requestDigest } from '../../certification/records/request.ts';
import { uniformSigma } from '../../certification/smoothing/noise-scale.ts';

const inputs = { model: '/m.onnx', dataset: '/d.npz' };
const uniform = { distribution: 'uniform', lambda: 0.5 };
const parse = (more: object) => parseRequest({ ...inputs, ...more }, 'r.yaml');

describe('a request of uniform noise', () => {
  it('has the standard deviation that follows from lambda, and is the same when it is read again', () => {
    const request = parse(uniform);
    expect(request).toMatchObject({ distribution: 'uniform', lambda: 0.5, sigma: uniformSigma(0.5) });
    // λ/√3: the variance of noise uniform on [−λ, λ] is λ²/3.
    expect(request.sigma ** 2).toBeCloseTo(0.25 / 3, 14);
    const again = parseRequest(JSON.parse(JSON.stringify(request)), 'the plan');
    expect(requestDigest(again)).toBe(requestDigest(request));
  });

  it.each([
    { name: 'without lambda', more: { distribution: 'uniform' }, sentence: '"lambda" is missing: uniform noise' },
    { name: 'with sigma for lambda', more: { distribution: 'uniform', sigma: 0.25 }, sentence: '"lambda" is missing' },
    { name: 'with a lambda of 0', more: { ...uniform, lambda: 0 }, sentence: '"lambda" is 0: uniform noise' },
    { name: 'with a lambda in words', more: { ...uniform, lambda: 'wide' }, sentence: '"lambda" is "wide": uniform' },
    { name: 'with sigma too', more: { ...uniform, sigma: 0.25 }, sentence: '"sigma" and "lambda" are both given' },
    {
      name: 'of a device',
      more: { ...uniform, noise: 'device', device: 'cuda' },
      sentence: "a GPU's own generator draws Gaussian noise alone",
    },
    { name: 'not said to be', more: { sigma: 0.25, lambda: 0.5 }, sentence: '"lambda" is the half-width of uniform' },
    { name: 'Gaussian', more: { ...uniform, distribution: 'gaussian' }, sentence: 'give "distribution": "uniform"' },
    { name: 'of another law', more: { distribution: 'laplace', sigma: 1 }, sentence: '"distribution" is "laplace"' },
    { name: 'of another norm', more: { sigma: 1, norm: 'l0' }, sentence: '"norm" is "l0"' },
    { name: 'of a norm with PREDICT', more: { ...uniform, norm: 'l1', mode: 'predict' }, sentence: '"norm" is for' },
  ])('is refused in a sentence $name', ({ more, sentence }) => {
    expect(() => parse(more)).toThrow(sentence);
    expect(() => parse(more)).toThrow(/^r\.yaml: /);
  });

  it('takes PREDICT', () => {
    expect(parse({ ...uniform, mode: 'predict' })).toMatchObject({ mode: 'predict', lambda: 0.5 });
  });
});

describe('radii that can never be certified', () => {
  const check = (more: object, dimensions?: number) => {
    checkRequest(parse({ n: 100_000, ...more }), dimensions === undefined ? undefined : { margin: 0, dimensions });
  };

  it('are refused in ℓ1 from lambda on, before anything is read', () => {
    expect(() => {
      check({ ...uniform, radii: [0.1, 0.5] });
    }).toThrow(/The radius 0\.5 can never be certified .* ±0\.5/);
    expect(() => {
      check({ ...uniform, radii: [0.1, 0.4] });
    }).not.toThrow();
  });

  it('are refused in other norms once it is known how many values an example has', () => {
    const linf = { ...uniform, norm: 'linf', radii: [0.01] };
    expect(() => {
      check(linf);
    }).not.toThrow();
    expect(() => {
      check(linf, 49);
    }).not.toThrow();
    expect(() => {
      check(linf, 784);
    }).toThrow(/radius 0\.01 can never .*it takes one of 7\.84/);
    const gaussian = { sigma: 0.25, norm: 'linf', radii: [0.05], n: 10_000 };
    expect(() => {
      check(gaussian, 64);
    }).not.toThrow();
    expect(() => {
      check(gaussian, 3072);
    }).toThrow(/too small ever to certify the radius 0\.05/);
  });
});
