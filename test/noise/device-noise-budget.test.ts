import { describe, expect, it } from 'vitest';
import { deviceNoiseBudget, pairHellingerSquared } from '../../certification/noise/device-noise-budget.ts';
import { displacementLimits, radialShift } from '../../certification/noise/device-noise-errors.ts';
import { normalCdf } from '../../certification/smoothing/normal-cdf.ts';
import { random } from '../models/random.ts';

const { fround } = Math;
const STEP = fround(2 ** -32);
const ANGLE_STEP = fround(STEP * fround(2 * Math.PI));

/** Which way the steps whose error is only bounded go wrong, and whether product and sum are rounded once. */
interface Choice {
  readonly sine: number;
  readonly logUlps: number;
  readonly fused: boolean;
}

/** cuRAND's pair of normals of two words, in float32, with errors of the functions as large as they may be. */
function drawnPair(a: number, b: number, { sine, logUlps, fused }: Choice): [number, number] {
  const sum = (word: number, step: number) =>
    fused ? fround(fround(word) * step + step / 2) : fround(fround(fround(word) * step) + fround(step / 2));
  const u = sum(a, STEP);
  const v = sum(b, ANGLE_STEP);
  const logarithm = fround(Math.log(u));
  const ulp = 2 ** (Math.floor(Math.log2(Math.abs(logarithm))) - 23);
  const radius = fround(Math.sqrt(fround(-2 * (logarithm === 0 ? 0 : logarithm + logUlps * ulp))));
  return [
    fround(radius * fround(Math.sin(v) + sine * 2 ** -20.5)),
    fround(radius * fround(Math.cos(v) - sine * 2 ** -20.5)),
  ];
}

/** The exact pair of two uniforms, and its radius. */
function exactPair(u: number, v: number) {
  const radius = Math.sqrt(-2 * Math.log(u));
  return { radius, pair: [radius * Math.sin(2 * Math.PI * v), radius * Math.cos(2 * Math.PI * v)] };
}

/** Words near every power of two, where the spacing of float32 changes, near the ends, and anywhere. */
function words(seed: number): number[] {
  const next = random(seed);
  const near = Array.from({ length: 33 }, (_, e) => [-3, -1, 0, 1, 2].map((by) => 2 ** e + by)).flat();
  return [...near, ...Array.from({ length: 400 }, () => Math.floor(2 ** 32 * next()))].filter(
    (word) => word >= 64 && word < 2 ** 32,
  );
}

const choices: Choice[] = [-1, 0, 1].flatMap((sine) =>
  [-1, 1].flatMap((logUlps) => [true, false].map((fused) => ({ sine, logUlps, fused }))),
);

describe('how far a drawn normal lies from the exact one of the same words', () => {
  it('is never more than the errors of the steps allow, for words near every power of two', () => {
    const { sine, angle, relative } = displacementLimits(1);
    let closest = 0;
    for (const a of words(1)) {
      for (const b of [0, 1, ...words(2)]) {
        for (const choice of choices) {
          const drawn = drawnPair(a, b, choice);
          // The exact pair may be of any uniforms that begin with the two words: their ends are the farthest.
          for (const [du, dv] of [
            [1e-6, 1e-6],
            [1 - 1e-6, 1 - 1e-6],
          ]) {
            const { radius, pair } = exactPair((a + du) * 2 ** -32, (b + dv) * 2 ** -32);
            const most = Math.max(radius, Math.hypot(...drawn));
            const growth = Math.exp(0.5 * most * most);
            const shift = radialShift({ growth, crossing: most });
            pair.forEach((z, at) => {
              const across = Math.max(Math.abs(pair[1 - at]), Math.abs(drawn[1 - at]));
              const along = Math.max(Math.abs(z), Math.abs(drawn[at]));
              const allowed =
                1.001 * (sine * most + angle * (across + most * angle) + relative * along + shift) + 1e-12;
              const share = Math.abs(drawn[at] - z) / allowed;
              if (share > closest) closest = share;
            });
          }
        }
      }
    }
    expect(closest).toBeLessThan(1);
    // A bound that nothing comes near would bound nothing in particular.
    expect(closest).toBeGreaterThan(0.7);
  });

  it('is of the angle below the sum of its roundings, and not far below', () => {
    const next = random(8);
    let largest = 0;
    for (let tried = 0; tried < 1_000_000; tried++) {
      const b = Math.floor(2 ** 32 * (0.9 + 0.1 * next()));
      const v = fround(fround(fround(b) * ANGLE_STEP) + fround(ANGLE_STEP / 2));
      for (const end of [b, b + 1]) largest = Math.max(largest, Math.abs(v - 2 * Math.PI * end * 2 ** -32));
    }
    const { angle } = displacementLimits(1);
    expect(largest).toBeLessThan(angle);
    expect(largest).toBeGreaterThan(0.7 * angle);
  });

  it('is of the radius without limit near the centre, where u is nearly 1', () => {
    expect(radialShift({ growth: 1, crossing: 1e-4 })).toBe(Infinity);
    expect(radialShift({ growth: 1, crossing: 1e-2 })).toBeCloseTo(2 ** -24 / 1e-2, 7);
  });
});

/** Probabilities of the cells of one coordinate, where each side between cells is moved by `shift`. */
function cells(s: number, shift: (side: number, k: number) => number): number[] {
  const most = Math.ceil(8 * s);
  const below = Array.from({ length: 2 * most + 2 }, (_, at) => {
    const k = at - most;
    const side = (k - 0.5) / s;
    return normalCdf(side + shift(side, k));
  });
  // The lower tail of the mirror image, where doubles near 1 would lose it.
  const above = Array.from({ length: 2 * most + 2 }, (_, at) => {
    const k = at - most;
    const side = (k - 0.5) / s;
    return normalCdf(-(side + shift(side, k)));
  });
  return Array.from({ length: 2 * most + 1 }, (_, at) =>
    at < most ? below[at + 1] - below[at] : above[at] - above[at + 1],
  );
}

function hellingerSquared(p: number[], q: number[]): number {
  return p.reduce((sum, each, at) => sum + (Math.sqrt(each) - Math.sqrt(q[at])) ** 2, 0) / 2;
}

describe('the bound of a pair', () => {
  // Each side moved by what the errors allow of one coordinate by itself, where neighbouring sides are moved apart.
  const worst = (side: number, k: number) => {
    const { sine, relative } = displacementLimits(1);
    return (k % 2 === 0 ? 1 : -1) * (sine + relative) * Math.abs(side);
  };
  it.each([2, 10, 30.6, 63.75, 255])('is above a law with every second side moved, s = %d', (s) => {
    const one = hellingerSquared(
      cells(s, () => 0),
      cells(s, worst),
    );
    const pair = 1 - (1 - one) ** 2;
    const bound = pairHellingerSquared(s);
    expect(bound).toBeGreaterThan(pair);
    expect(bound).toBeLessThan(40 * pair);
  });

  it('says nothing where a side of the middle cell lies within the errors', () => {
    expect(pairHellingerSquared(1_500)).toBe(1);
    expect(deviceNoiseBudget({ sigma: 6, stepsPerUnit: 255, dimensions: 4 })).toBe(1);
  });
});

describe('the budget of a vector', () => {
  it.each([
    [0.12, 3_072, 0.005048],
    [0.25, 784, 0.005226],
    [0.25, 3_072, 0.01036],
    [0.5, 3_072, 0.0207],
    [0.25, 150_528, 0.0735],
    [1, 150_528, 0.293],
  ])('is what the docs state, sigma %d in %d dimensions', (sigma, dimensions, stated) => {
    const budget = deviceNoiseBudget({ sigma, stepsPerUnit: 255, dimensions });
    expect(budget / stated).toBeGreaterThan(0.99);
    expect(budget / stated).toBeLessThan(1.01);
  });

  it('is above the distance of Gaussians whose sigma is off by what the errors allow', () => {
    // Of many coordinates the log-likelihood ratio is normal: TV = 2Φ(½√(d·χ²)) − 1, within a per cent at 3,072.
    const { relative } = displacementLimits(1);
    for (const sigma of [0.12, 0.25, 1]) {
      const s = 255 * sigma;
      const p = cells(s, () => 0);
      const q = cells(s, (side) => relative * side);
      const chiSquare = p.reduce((sum, each, at) => (each > 0 ? sum + (q[at] - each) ** 2 / each : sum), 0);
      const distance = 2 * normalCdf(0.5 * Math.sqrt(3_072 * chiSquare)) - 1;
      expect(deviceNoiseBudget({ sigma, stepsPerUnit: 255, dimensions: 3_072 })).toBeGreaterThan(distance);
    }
  });

  it('grows with the root of the dimensions, the tail aside', () => {
    const of = (dimensions: number) =>
      deviceNoiseBudget({ sigma: 0.25, stepsPerUnit: 255, dimensions }) - (dimensions / 2) * 2 ** -26;
    expect(of(4 * 784) / of(784)).toBeCloseTo(2, 2);
  });

  it('is refused for an odd number of values, of which a pair would belong to two samples', () => {
    expect(() => deviceNoiseBudget({ sigma: 0.25, stepsPerUnit: 255, dimensions: 49 })).toThrow(/even number.*not 49/);
  });
});
