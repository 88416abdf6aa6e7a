import { describe, expect, it } from 'vitest';
import { judgeGates, outcomeOf, type Judged } from '../../certification/audits/judge-gates.ts';
import { compareCertified } from '../../certification/comparison/compare-certified.ts';
import { gatesSchema } from '../../certification/records/audit.ts';

/** So many examples, of which the first so many are certified at 0.5. */
const radiiOf = (examples: number, certified: number) =>
  Float64Array.from({ length: examples }, (_, at) => (at < certified ? 0.5 : -1));

function judge(gates: unknown, about: Partial<Judged>) {
  const judged = {
    radii: radiiOf(500, 422),
    abstained: 6,
    failed: 0,
    comparison: { none: '', verdict: 'pass' },
    ...about,
  };
  return judgeGates(gatesSchema.parse(gates), judged as Judged);
}

/** With so many of 500 lost, and so many gained, from the first ones on. */
function change({
  lost,
  gained,
  radii = [0.5],
  examples = 500,
}: {
  lost: number;
  gained: number;
  radii?: number[];
  examples?: number;
}): Partial<Judged> {
  const certified = Math.floor(0.8 * examples);
  const baseline = radiiOf(examples, certified);
  const run = Float64Array.from(baseline, (own, at) =>
    at < lost ? -1 : at >= certified && at < certified + gained ? 0.5 : own,
  );
  return { radii: run, comparison: compareCertified({ radii, run, baseline }) };
}

describe('the gate on certified accuracy', () => {
  const gate = (atLeast: number) => judge({ certifiedAccuracy: [{ radius: 0.5, atLeast }] }, {})[0];

  it('has the bounds of Clopper & Pearson', () => {
    // SciPy 1.17.1: beta.ppf(0.05, 422, 79), beta.ppf(0.95, 423, 78)
    const { lower = 0, upper = 0, observed } = gate(0.8);
    expect(observed).toBe(0.844);
    expect(Math.abs(lower / 0.8148013675563179 - 1)).toBeLessThan(1e-12);
    expect(Math.abs(upper / 0.8701272007154669 - 1)).toBeLessThan(1e-12);
  });

  it('passes where the lower bound is at the limit, fails where the upper one is below it, else cannot tell', () => {
    expect(gate(0.81).verdict).toBe('pass');
    expect(gate(0.83).verdict).toBe('undecided');
    expect(gate(0.86).verdict).toBe('undecided');
    expect(gate(0.88).verdict).toBe('fail');
    expect(gate(0.86).reason).toBe(
      '84.40 % of 500 examples are certified at radius 0.5, at least 86 % asked for: its bounds are 81.48 % and 87.01 %, so that more examples are needed to tell.',
    );
  });

  it('does not fail what could not be better', () => {
    const all = { radii: radiiOf(1_000, 1_000), abstained: 0 };
    const gates = { certifiedAccuracy: [{ radius: 0.5, atLeast: 0.9999 }], abstentionRate: { atMost: 0.0001 } };
    expect(judge(gates, all).map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided']);
    expect(judge({ abstentionRate: { atMost: 0.01 } }, all)[0].verdict).toBe('pass');
  });

  it('counts at its own radius', () => {
    expect(judge({ certifiedAccuracy: [{ radius: 0.51, atLeast: 0.1 }] }, {})[0]).toMatchObject({
      observed: 0,
      verdict: 'fail',
    });
  });
});

describe('the gate on drops', () => {
  const gate = (atMost: number, about: Partial<Judged>) =>
    judge({ drop: { radii: [0.5], atMost }, significance: 0.01 }, about)[0];

  it('passes what is no more than allowed, whatever its significance', () => {
    expect(gate(2, change({ lost: 10, gained: 0 }))).toMatchObject({ observed: 2, verdict: 'pass' });
    expect(gate(0, change({ lost: 3, gained: 5 }))).toMatchObject({ observed: -0.4, verdict: 'pass' });
  });

  it('fails what is more, and more than chance', () => {
    expect(gate(1, change({ lost: 20, gained: 2 }))).toMatchObject({ observed: 3.6, verdict: 'fail' });
  });

  it('cannot tell what is more, and may be chance', () => {
    expect(gate(1, change({ lost: 40, gained: 30 }))).toMatchObject({ observed: 2, verdict: 'undecided' });
  });

  it('cannot tell by so few examples that no loss would be more than chance', () => {
    const few = change({ lost: 0, gained: 0, examples: 6 });
    expect(gate(0, few).verdict).toBe('undecided');
    expect(gate(0, change({ lost: 0, gained: 0, examples: 7 })).verdict).toBe('pass');
  });

  it('adjusts over its radii, so that a loss that passes for chance among five is one', () => {
    const radii = [0.1, 0.2, 0.3, 0.4, 0.5];
    const about = change({ lost: 8, gained: 0, radii });
    const five = judge({ drop: { radii, atMost: 1 }, significance: 0.01 }, about);
    const [one] = judge({ drop: { radii: [0.5], atMost: 1 }, significance: 0.01 }, change({ lost: 8, gained: 0 }));
    expect(one.verdict).toBe('fail');
    expect(one.pValue).toBeCloseTo(0.5 ** 8, 15);
    expect(five.map(({ verdict }) => verdict)).toEqual(radii.map(() => 'undecided'));
  });

  it('says why where there is nothing to compare with', () => {
    const [first] = judge({ drop: { radii: [0.5] } }, { comparison: { none: 'There is none.', verdict: 'undecided' } });
    expect(first).toMatchObject({ observed: null, verdict: 'undecided', reason: 'There is none.' });
  });
});

describe('the other gates', () => {
  it('bound the abstention rate as a share, and take failures as they are', () => {
    const gates = (abstained: number, failed: number) => {
      const found = judge({ abstentionRate: { atMost: 0.02 }, failedShare: { atMost: 0.01 } }, { abstained, failed });
      return found.map(({ verdict }) => verdict);
    };
    expect(gates(3, 5)).toEqual(['pass', 'pass']);
    expect(gates(6, 6)).toEqual(['undecided', 'fail']);
    expect(gates(25, 0)).toEqual(['fail', 'pass']);
  });

  it('take a limit for the decimal that was typed', () => {
    const failedShare = (failed: number) =>
      judge({ failedShare: { atMost: 0.0057 } }, { radii: radiiOf(10_000, 0), failed })[0].verdict;
    expect([failedShare(57), failedShare(58)]).toEqual(['pass', 'fail']);
    const drop = (lost: number) =>
      judge({ drop: { radii: [0.5], atMost: 0.57 } }, change({ lost, gained: 0, examples: 10_000 }))[0].verdict;
    expect([drop(57), drop(58)]).toEqual(['pass', 'fail']);
  });

  it('end the audit as the worst of them says', () => {
    const of = (...verdicts: ('pass' | 'fail' | 'undecided')[]) =>
      outcomeOf(verdicts.map((verdict) => ({ gate: 'drop', limit: 0, observed: 0, verdict, reason: `${verdict}!` })));
    expect(of('pass', 'undecided', 'fail')).toEqual({ outcome: 'failed', reason: 'fail!' });
    expect(of('pass', 'undecided')).toEqual({ outcome: 'undecided', reason: 'undecided!' });
    expect(of('pass', 'pass')).toEqual({ outcome: 'passed', reason: 'It passed all 2 gates.' });
    expect(of()).toEqual({ outcome: 'passed', reason: 'No gates were asked for.' });
  });
});

describe('the error of a gate', () => {
  /** A small generator, so that the experiment is the same every time. */
  function random(seed: number) {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  it('on drops fails by chance alone in no more than the share that was asked for, at all radii together', () => {
    const next = random(7);
    const radii = [0.25, 0.5];
    let failed = 0;
    const rounds = 2_000;
    for (let round = 0; round < rounds; round += 1) {
      const radius = () => (next() < 0.7 ? next() : -1);
      const truth = Array.from({ length: 120 }, () => next() < 0.15);
      const own = truth.map(radius);
      // Where models differ, they differ at random: neither is better.
      const [run, baseline] = [0, 1].map(() => Float64Array.from(own, (same, at) => (truth[at] ? radius() : same)));
      const comparison = compareCertified({ radii, run, baseline });
      const gates = judge({ drop: { radii, atMost: 0 }, significance: 0.05 }, { radii: run, comparison });
      if (gates.some(({ verdict }) => verdict === 'fail')) failed += 1;
    }
    expect(failed / rounds).toBeGreaterThan(0.005);
    expect(failed / rounds).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
  });
});
