import { describe, expect, it } from 'vitest';
import { cohenResults } from '../../certification/exchange/cohen-results.ts';
import { latticeAudit } from '../../certification/exchange/lattice-audit.ts';
import { auditedAlphas, latticeVerdict } from '../../certification/exchange/lattice-verdict.ts';
import { radiusInterval, radiusLattice } from '../../certification/exchange/radius-lattice.ts';
import type { Bound } from '../../certification/smoothing/bound.ts';
import { leastInteger } from '../../certification/smoothing/least-integer.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { formatRadius } from '../../certification/report/format-radius.ts';
import { peerLog, type peerLogs } from './peer-logs.ts';

interface Made {
  readonly n: number;
  readonly alpha: number;
  readonly bound?: Bound;
  readonly sigma?: number;
}

/** The radius of counts, by the function that certifies; 0 where it abstains. */
function radiusOf({ n, alpha, bound = 'clopper-pearson', sigma = 1 }: Made, others: number, runnerUp = others): number {
  const decision = certify({ count: n - others, runnerUpCount: runnerUp, n, alpha, sigma, bound, margin: 1e-13 });
  return decision.status === 'certified' ? decision.radius : 0;
}

/** More than what the noise budget moves a radius by, and less than any gap. */
const NEAR = 1e-8;
const near = (radius: number) => radiusInterval(Math.max(0, radius - NEAR), radius + NEAR);

describe('the lattice of radii', () => {
  it.each([
    [100, 0.001],
    [100, 0.1],
    [10_000, 0.01],
    [100_000, 0.001],
    [1_000_000, 1e-4],
  ])('has the radius of each count, and none between two: n = %d, α = %d', (n, alpha) => {
    const lattice = radiusLattice({ n, alpha, bound: 'clopper-pearson' });
    expect(lattice.greatest).toBeCloseTo(radiusOf({ n, alpha }, 0), 7);
    for (const others of [0, 1, 2, 3, 7, 20, Math.floor(0.3 * n)]) {
      const [above, below] = [radiusOf({ n, alpha }, others), radiusOf({ n, alpha }, others + 1)];
      if (below === 0) continue;
      expect(lattice.occupancy(near(above))).toBe('some');
      expect(lattice.occupancy(radiusInterval(below + NEAR, above - NEAR))).not.toBe('some');
      expect(lattice.occupancy(near((above + below) / 2))).toBe('none');
      // Wider than any gap: not searched.
      expect(lattice.occupancy(radiusInterval(0, above))).toBe('dense');
    }
    expect(lattice.occupancy(radiusInterval(lattice.greatest + NEAR, lattice.greatest + 1))).toBe('none');
  });

  it.each([
    [300, 0.001],
    [10_000, 0.001],
    [100_000, 0.01],
  ])('with the runner-up bound has those of two counts, and gaps at the greatest: n = %d, α = %d', (n, alpha) => {
    const bound = 'runner-up';
    const lattice = radiusLattice({ n, alpha, bound });
    const greatest = radiusOf({ n, alpha, bound }, 0);
    expect(lattice.greatest).toBeCloseTo(greatest, 7);
    // All of α is not spent on the top class: the greatest radius is smaller than without the runner-up.
    expect(greatest).toBeLessThan(radiusOf({ n, alpha }, 0));
    for (let others = 0; others <= 60 && others < n / 4; others += 1) {
      for (const runnerUp of new Set([Math.min(1, others), Math.ceil(others / 3), others])) {
        expect(lattice.occupancy(near(radiusOf({ n, alpha, bound }, others, runnerUp)))).not.toBe('none');
      }
    }
    const second = radiusOf({ n, alpha, bound }, 1);
    expect(lattice.occupancy(near((greatest + second) / 2))).toBe('none');
  });
});

/** What the audit says of each published log, and why. Their paper states α = 0.001 for all (arXiv 1902.02918, §4). */
const FOUND: Record<(typeof peerLogs)[number], { alpha: number; taken: boolean; says: string[] }> = {
  // 156 examples at 0.457: the greatest radius at α = 0.001 is 0.12 · 3.8115 = 0.4573, and at any greater α that isn't on the lattice.
  'noise_0.12/test/sigma_0.12': {
    alpha: 0.001,
    taken: true,
    says: ['α = 0.001 alone', '0.4573', '0.457 (156 examples)'],
  },
  // No radius beyond 1.51, where the lattice is finer than the printing: nothing in the file tells.
  'noise_0.12/test/sigma_0.50': {
    alpha: 0.001,
    taken: false,
    says: ["don't tell α", '0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01'],
  },
  // CONTRADICTS the paper: 65 examples at 0.978, and no radius at α = 0.001 is greater than 0.25 · 3.8115 = 0.9528. At α = 0.01 the greatest is 0.9776.
  'noise_0.25/test/sigma_0.25': {
    alpha: 0.01,
    taken: true,
    says: ['α = 0.01 alone', '0.9776', '0.978 (65 examples)', 'α = 0.001 is contradicted by radius 0.978', '0.9528'],
  },
  // Its large radii don't tell; one near 0, 0.00382, contradicts α = 0.01 by falling between two counts.
  'noise_0.25/test/sigma_0.50': { alpha: 0.001, taken: false, says: ["don't tell α", 'α = 0.001, 0.1.'] },
  // CONTRADICTS the paper: 1.96 where no radius at α = 0.001 is greater than 0.5 · 3.8115 = 1.9057. At α = 0.01 the greatest is 1.9552.
  'noise_0.50/test/sigma_0.50': {
    alpha: 0.01,
    taken: true,
    says: ['α = 0.01 alone', '1.9552', '1.96 (9 examples)', 'α = 0.001 is contradicted by radius 1.96', '1.9057'],
  },
  // 55 examples at 1.91: the greatest radius at α = 0.001, 1.9057.
  'noise_1.00/test/sigma_0.50': {
    alpha: 0.001,
    taken: true,
    says: ['α = 0.001 alone', '1.9057', '1.91 (55 examples)'],
  },
  // CONTRADICTS the paper where radii are rounded, as certify.py does: 3.56 is not the rounding of any radius at α = 0.001
  // (seventh from the top 3.5669, eighth 3.5451), and is that of the tenth at α = 0.01 (3.5566).
  'noise_1.00/test/sigma_1.00': {
    alpha: 0.01,
    taken: true,
    says: ['α = 0.01 alone', 'α = 0.001 is contradicted by radius 3.56, which no count'],
  },
};

describe('what the radii of a published log tell of its α', () => {
  it.each(Object.entries(FOUND))('%s', (name, { alpha, taken, says }) => {
    const { path, bytes } = peerLog(name as (typeof peerLogs)[number]);
    const { setting, notes } = cohenResults(bytes, { name: path });
    const text = notes.join('\n');
    expect(setting.alpha).toBe(alpha);
    expect(text.includes(`α = ${alpha} is taken, as the radii tell it.`)).toBe(taken);
    for (const each of says) expect(text).toContain(each);
  });

  it('is said where a level is given that they contradict, and not where they don’t', () => {
    const { path, bytes } = peerLog('noise_0.25/test/sigma_0.25');
    const given = (alpha: number) => cohenResults(bytes, { name: path, alpha });
    expect(given(0.001).setting.alpha).toBe(0.001);
    expect(given(0.001).notes).toContain('α = 0.001 was given, but the radii contradict it.');
    expect(given(0.01).notes.join()).not.toContain('contradict');
    expect(given(0.013).notes.join()).toContain('α = 0.013 is contradicted by radius 0.978');
  });

  it('is in the radii that the reasons name: those at the top, and one near 0', () => {
    const top = (alpha: number) => Array.from({ length: 12 }, (_, others) => radiusOf({ n: 100_000, alpha }, others));
    const printed = (alpha: number) => top(alpha).map((radius) => radius.toPrecision(3));
    expect(printed(0.001)).not.toContain('3.56');
    expect(printed(0.01)).toContain('3.56');
    expect((0.25 * top(0.001)[0]).toPrecision(3)).toBe('0.953');
    expect((0.25 * top(0.01)[0]).toPrecision(3)).toBe('0.978');
    expect((0.5 * top(0.01)[0]).toPrecision(3)).toBe('1.96');
  });
});

describe('the audit of radii that were made', () => {
  const counts = [0, 0, 0, 1, 2, 5, 9, 30, 120, 700];
  const printed = (made: Made, print: (radius: number) => string) =>
    counts.flatMap((others) => {
      const radius = radiusOf({ sigma: 0.25, ...made }, others, Math.ceil(others / 2));
      return radius === 0 ? [] : [print(radius)];
    });
  const rounded = (radius: number) => String(Number(radius.toPrecision(3)));
  const floored = (radius: number) => formatRadius(radius, 6);

  it.each(
    [1000, 100_000].flatMap((n) =>
      [0.001, 0.02].flatMap((alpha) =>
        (['clopper-pearson', 'runner-up'] as const).map((bound) => ({ n, alpha, bound })),
      ),
    ),
  )('finds their own level, rounded or floored: $n, $alpha, $bound', (made) => {
    for (const [printing, print] of [
      ['rounded', rounded],
      ['floored', floored],
    ] as const) {
      const radii = printed(made, print);
      const { findings } = latticeAudit({
        radii,
        sigma: 0.25,
        levels: auditedAlphas.map((alpha) => ({ ...made, alpha })),
      });
      const own = findings.find(({ alpha }) => alpha === made.alpha);
      expect(own?.fit[printing]).toMatchObject({ fits: true });
      // Six decimals leave room for no other level.
      const fitting = findings.filter(({ fit }) => fit[printing].fits).map(({ alpha }) => alpha);
      if (printing === 'floored') expect(fitting).toEqual([made.alpha]);
    }
  });

  it('names the level of an export, by either bound, and none where two are mixed', () => {
    for (const bound of ['clopper-pearson', 'runner-up'] as const) {
      const radii = printed({ n: 10_000, alpha: 0.002, bound }, floored);
      const verdict = latticeVerdict({ radii, sigma: 0.25, n: 10_000, timed: false, asked: 0.001 });
      expect(verdict).toMatchObject({ alpha: 0.002, contradicted: true });
      expect(verdict.sentence).toContain('α = 0.001 is contradicted by radius');
    }
    const mixed = [0.001, 0.01].flatMap((alpha) => printed({ n: 10_000, alpha }, floored));
    const none = latticeVerdict({ radii: mixed, sigma: 0.25, n: 10_000, timed: false, asked: 0.001 });
    expect(none).toMatchObject({ alpha: undefined, contradicted: true });
    expect(none.sentence).toContain('none of the levels tried at n = 10,000');
  });

  it('never contradicts the level that printed them, with fixed decimals or floored beside times', () => {
    for (const alpha of [0.0005, 0.003, 0.02]) {
      const print = (digits: (radius: number) => string) => printed({ n: 10_000, alpha }, digits);
      // As '{:.3f}' does: nothing but their common number of decimals tells how fine they are.
      const fixed = print((radius) => radius.toFixed(3)).filter((text) => !text.endsWith('0'));
      const cut = print((radius) => formatRadius(radius, 4));
      for (const radii of [fixed, cut, cut.slice(0, 4)]) {
        const verdict = latticeVerdict({ radii, sigma: 0.25, n: 10_000, timed: true, asked: alpha });
        expect(verdict.contradicted).toBe(false);
      }
    }
  });

  it('takes no last digit for finer than all radii have it: 0.003 of three decimals may be 0.0034', () => {
    const radii = ['0.204', '0.003', '0.196', '0.383', '0.308'];
    // Each is the rounding of a count's: radii fall as the others grow.
    for (const text of radii) {
      const made = (others: number) => radiusOf({ n: 10_000, alpha: 0.0005, sigma: 0.25 }, others);
      const others = leastInteger({ from: 0, to: 5000, holds: (at) => made(at) < Number(text) + 0.0005 });
      expect(made(others).toFixed(3)).toBe(text);
    }
    const verdict = latticeVerdict({ radii, sigma: 0.25, n: 10_000, timed: true, asked: 0.0005 });
    expect(verdict.contradicted).toBe(false);
  });

  it('takes no level from few radii, nor one that is below the usual', () => {
    const HEADER = 'idx\tlabel\tpredict\tradius\tcorrect\ttime';
    const file = (alpha: number, count: number) =>
      printed({ n: 10_000, alpha }, floored)
        .slice(0, count)
        .map((radius, at) => `${at}\t1\t1\t${radius}\t1\t0:00:00`);
    const taken = (alpha: number, count: number) => {
      const bytes = new TextEncoder().encode(`${[HEADER, ...file(alpha, count)].join('\n')}\n`);
      return cohenResults(bytes, { name: 'sigma_0.25', n: 10_000 });
    };
    expect(taken(0.002, 10).setting.alpha).toBe(0.002);
    expect(taken(0.002, 2).setting.alpha).toBe(0.001);
    expect(taken(0.002, 2).notes.join()).toContain('too few to take it by');
    expect(taken(0.0005, 10).setting.alpha).toBe(0.001);
    expect(taken(0.0005, 10).notes.join()).toContain('α = 0.0005 alone');
  });

  it('can’t tell from radii that were asked for, or from none', () => {
    const verdict = (radii: string[]) => latticeVerdict({ radii, sigma: 0.25, n: 10_000, timed: false, asked: 0.001 });
    expect(verdict(['0.25', '0.5', '0.5', '0.75'])).toMatchObject({ alpha: undefined, contradicted: false });
    expect(verdict(['0.25', '0.5', '0.5', '0.75']).sentence).toContain('asked for');
    const often = ['0.333000', '0.333000', '0.333000', '0.700000', '0.700000', '0.700000', '0.910000'];
    expect(verdict(often)).toMatchObject({ alpha: undefined, contradicted: false });
    expect(verdict([]).sentence).toBe('There is no radius above 0 that could tell n or α.');
  });
});
