import { describe, expect, it } from 'vitest';
import { expectedCost } from '../../certification/pilot-cost.ts';
import { random } from '../models/random.ts';

describe('the expected cost', () => {
  it('is the mean of the pilot times all examples, with Student’s interval', () => {
    const costs = [100, 200, 300, 400, 500];
    // Mean 300, standard deviation 158.11, 4 degrees of freedom: 2.776 · 158.11 / √5 · √(1 − 5/100) · 100.
    const { samples, samplesPerExample, interval } = expectedCost({ costs, count: 100 });
    expect({ samples, samplesPerExample }).toEqual({ samples: 30_000, samplesPerExample: 300 });
    expect(interval?.[1]).toBeCloseTo(30_000 + 2.776 * 158.11 * 9.7468 * 4.4721, -3);
    expect(interval?.[0]).toBeCloseTo(30_000 - 2.776 * 158.11 * 9.7468 * 4.4721, -3);
  });

  it('is certain where the pilot is the whole run, and unsaid how sure where it is tiny', () => {
    expect(expectedCost({ costs: [1, 2, 3, 4, 10], count: 5 }).interval).toEqual([20, 20]);
    expect(expectedCost({ costs: [100, 200], count: 100 }).interval).toBeUndefined();
  });

  it('has an interval that holds the truth about 19 times of 20', () => {
    const next = random(12);
    const costs = Array.from({ length: 4_000 }, () => Math.round(200 + 2_000 * next() * next()));
    const truth = costs.reduce((sum, cost) => sum + cost, 0);
    let held = 0;
    const trials = 500;
    for (let trial = 0; trial < trials; trial++) {
      const pilot = Array.from({ length: 100 }, () => costs[Math.floor(next() * costs.length)]);
      const { interval } = expectedCost({ costs: pilot, count: costs.length });
      if (interval !== undefined && interval[0] <= truth && truth <= interval[1]) held++;
    }
    expect(held / trials).toBeGreaterThan(0.91);
    expect(held / trials).toBeLessThan(0.99);
  });
});
