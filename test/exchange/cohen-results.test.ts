import { describe, expect, it } from 'vitest';
import { cohenResults } from '../../certification/exchange/cohen-results.ts';
import { summarySchema } from '../../certification/records/summary.ts';
import { accuracyTable } from '../../certification/report/accuracy-table.ts';
import { curvePointAt } from '../../certification/report/curve-point-at.ts';
import { exactCountBound } from '../../certification/smoothing/exact-count-bound.ts';
import { peerLog, peerLogs, recount } from './peer-logs.ts';

const RADII = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];
/** Counted apart from this code, by Python's decimals. */
const COUNTS: Record<(typeof peerLogs)[number], number[]> = {
  'noise_0.12/test/sigma_0.12': [407, 293, 0, 0, 0, 0, 0],
  'noise_0.12/test/sigma_0.50': [59, 48, 41, 34, 21, 9, 2],
  'noise_0.25/test/sigma_0.25': [374, 300, 214, 133, 0, 0, 0],
  'noise_0.25/test/sigma_0.50': [167, 130, 84, 52, 25, 8, 2],
  'noise_0.50/test/sigma_0.50': [326, 273, 207, 160, 117, 76, 47],
  'noise_1.00/test/sigma_0.50': [218, 195, 176, 142, 126, 104, 82],
  'noise_1.00/test/sigma_1.00': [236, 196, 170, 139, 108, 87, 70],
};

const importOf = (name: (typeof peerLogs)[number], options = {}) => {
  const { path, bytes } = peerLog(name);
  return cohenResults(bytes, { name: path, ...options });
};
const HEADER = 'idx\tlabel\tpredict\tradius\tcorrect\ttime';
const made = (rows: readonly string[], options: object = {}) =>
  cohenResults(new TextEncoder().encode([HEADER, ...rows, ''].join('\n')), { name: 'x/sigma_0.5', ...options });

describe('a published log', () => {
  it.each(peerLogs)('has the certified counts of its own rows: %s', (name) => {
    const { text } = peerLog(name);
    const { summary } = importOf(name);
    const counts = (read: (radius: number) => number | undefined) => RADII.map(read);
    // Points of the curve, not zeros past its end.
    expect(counts((radius) => summary.curve.find((point) => point.radius === radius)?.certified)).toEqual(COUNTS[name]);
    expect(counts((radius) => recount(text, radius))).toEqual(COUNTS[name]);
    for (const { radius, certified } of summary.curve) expect(certified).toBe(recount(text, radius));
  });

  it.each(peerLogs)('has a summary as a run has, of whole counts: %s', (name) => {
    const { summary, indices, labels, radii, setting } = importOf(name);
    expect(summarySchema.parse(summary)).toEqual(summary);
    expect(summary).toMatchObject({ mode: 'fixed', imported: true, examples: 500, skipped: 0, failed: 0, rho: 0.001 });
    expect(summary.certified + summary.abstained).toBe(500);
    expect(summary.cleanAccuracy).toBe(COUNTS[name][0] / 500);
    expect(summary.lowerBoundHistogram).toBeUndefined();
    expect([indices.length, labels.length, radii.length]).toEqual([500, 500, 500]);
    expect(radii.filter((radius) => radius >= 0)).toHaveLength(COUNTS[name][0]);
    const mean = radii.reduce((sum, radius) => sum + Math.max(0, radius), 0) / 500;
    expect(summary.averageCertifiedRadius).toBeCloseTo(mean, 12);
    const { certified, lower } = curvePointAt(summary, 0.25);
    expect(lower).toBe(exactCountBound({ examples: 500, certified, alpha: setting.alpha, rho: 0.001 }) / 500);
    expect(summary.perClass.reduce((sum, { correct }) => sum + correct, 0)).toBe(COUNTS[name][0]);
  });

  it('is named by its path: model, and σ of the last part', () => {
    const { model, setting, name } = importOf('noise_0.25/test/sigma_0.50');
    expect(model).toBe('resnet110/noise_0.25');
    expect(setting).toMatchObject({ mode: 'fixed', norm: 'l2', law: 'gaussian', scale: 0.5, n0: 100, n: 100_000 });
    expect(name).toBe(peerLog('noise_0.25/test/sigma_0.50').path);
  });

  it('prints the table that a run ends with, and says that it was imported', () => {
    expect(accuracyTable(importOf('noise_0.25/test/sigma_0.25').summary)).toMatchInlineSnapshot(`
      "IMPORTED: made elsewhere; nothing of it was checked here.

      Certified accuracy of 500 examples
      (each lower bound holds with probability 1 − 0.001)

      radius   certified   accuracy   bound at this radius   bound at all radii
        0.00         374    74.80 %                73.60 %              72.20 %
        0.25         300    60.00 %                58.40 %              57.40 %
        0.50         214    42.80 %                41.00 %              40.20 %
        0.75         133    26.60 %                24.40 %              24.00 %

      clean accuracy             74.80 %
      average certified radius   0.4288
      not certified              43 abstained, 0 skipped, 0 failed
      "
    `);
  });
});

describe('what a file doesn’t say', () => {
  const row = '0\t3\t3\t0.5\t1\t15.4';

  it('is taken from the name or the flags, and where from neither it is refused', () => {
    expect(made([row]).setting.scale).toBe(0.5);
    expect(made([row], { name: 'noise_0.12/run.tsv' }).setting.scale).toBe(0.12);
    expect(made([row], { name: 'sigma_1.00/noise_0.12/sigma_0.25.tsv' }).setting.scale).toBe(0.25);
    expect(made([row], { name: 'sigma_0.25', sigma: 0.7 }).setting.scale).toBe(0.7);
    expect(() => made([row], { name: 'run.tsv' })).toThrow("run.tsv doesn't say the noise's σ");
    expect(made([row], { n: 1000, n0: 10, rho: 0.01 }).setting).toMatchObject({ n: 1000, n0: 10, rho: 0.01 });
  });

  it('is named in a note where it is assumed, and not where it was given', () => {
    const assumed = (options: object) => made([row], options).notes.find((note) => note.includes('assumed'));
    expect(assumed({})).toBe(
      "The file doesn't say all of its statistics; assumed: σ = 0.5, from its name; n = 100,000; n0 = 100; α = 0.001.",
    );
    expect(assumed({ sigma: 0.5, n: 1000, n0: 100, alpha: 0.01 })).toBeUndefined();
  });

  it('changes what the summary rests on, as the file does', () => {
    const claims = [
      made([row]),
      made([row], { n: 1000 }),
      made([row], { sigma: 0.6 }),
      made([row], { alpha: 0.01 }),
      made([row], { norm: 'linf' }),
      made([row.replace('15.4', '15.5')]),
    ].map(({ summary }) => summary.claim);
    expect(new Set(claims).size).toBe(claims.length);
    expect(made([row], { name: 'elsewhere/sigma_0.5' }).summary.claim).toBe(claims[0]);
    expect(claims[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('cohenResults', () => {
  it('counts an abstention as wrong, and says so', () => {
    const { summary, radii, notes } = made(['0\t3\t3\t0.5\t1\t1', '1\t3\t-1\t0.0\t0\t1', '2\t3\t4\t0.5\t0\t1']);
    expect(summary).toMatchObject({ certified: 2, abstained: 1, cleanAccuracy: 1 / 3, abstentionRate: 1 / 3 });
    expect([...radii]).toEqual([0.5, -1, -1]);
    expect(notes.join(' ')).toContain('counts as wrong in the clean accuracy');
  });

  it('has a curve to 1.5 at least, evenly spaced, with the multiples of 0.25 and the greatest radius', () => {
    for (const radius of ['0.0', '0.0012', '0.2', '3.56', '80.0']) {
      const { curve } = made([`0\t3\t3\t${radius}\t1\t1`]).summary;
      const radii = curve.map((point) => point.radius);
      for (const each of RADII) expect(radii).toContain(each);
      expect(radii[radii.length - 1]).toBeGreaterThanOrEqual(Number(radius));
      expect(radii.every((each, at) => Math.abs(each - at * radii[1]) < 1e-9)).toBe(true);
    }
  });

  it('refuses a file without examples', () => {
    expect(() => made([])).toThrow('x/sigma_0.5 has a header and no examples');
  });
});
