import { describe, expect, it } from 'vitest';
import { createHpa, defaultBehavior, type Behavior, type Metric } from '../../../bench/autoscale/hpa.ts';

/** Without windows and limits, so that what the metrics ask for is what is set. */
const unbraked: Behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ type: 'Pods', value: 1_000, periodSeconds: 15 }],
  },
  scaleDown: { ...defaultBehavior.scaleDown, stabilizationWindowSeconds: 0 },
};

const both = (waiting: number | undefined, used: number | undefined): Metric[] => [
  { value: waiting, target: 4 },
  { value: used, target: 1 },
];

function once(replicas: number, metrics: readonly Metric[], behavior = unbraked): number {
  return createHpa({ minReplicas: 1, maxReplicas: 16, behavior }).sync({
    now: 0,
    replicas,
    statusReplicas: replicas,
    metrics,
  });
}

/** What it sets, look by look every 15 s, with `asked` replicas asked for at each. */
function looks(behavior: Behavior, from: number, asked: readonly number[]): number[] {
  const hpa = createHpa({ minReplicas: 1, maxReplicas: 100, behavior });
  let replicas = from;
  return asked.map((value, at) => {
    const metrics = [{ value, target: 1 }];
    replicas = hpa.sync({ now: 15 * at, replicas, statusReplicas: replicas, metrics });
    return replicas;
  });
}

describe("the autoscaler's algorithm", () => {
  it('asks for a replica for each target of the metric, rounded up', () => {
    expect(once(2, [{ value: 13, target: 4 }])).toBe(4);
    expect(once(8, [{ value: 13, target: 4 }])).toBe(4);
  });

  it('leaves what is within a tenth as it is', () => {
    // 1.1 and 0.9 of 10 replicas are within, 11.1 and 8.9 are not.
    expect(once(10, [{ value: 11, target: 1 }])).toBe(10);
    expect(once(10, [{ value: 9, target: 1 }])).toBe(10);
    expect(once(10, [{ value: 11.1, target: 1 }])).toBe(12);
    expect(once(10, [{ value: 8.9, target: 1 }])).toBe(9);
  });

  it('takes the most that any metric asks for', () => {
    expect(once(8, both(0, 8))).toBe(8);
    expect(once(8, both(48, 8))).toBe(12);
    expect(once(8, both(4, 3))).toBe(3);
  });

  it('goes up without a metric that is missing, never down', () => {
    expect(once(8, both(48, undefined))).toBe(12);
    expect(once(8, both(4, undefined))).toBe(8);
    expect(once(8, both(undefined, undefined))).toBe(8);
  });

  it('keeps within its bounds, and does nothing at none', () => {
    expect(once(4, both(1_000, 0))).toBe(16);
    expect(once(4, both(0, 0))).toBe(1);
    expect(once(20, both(1_000, 0))).toBe(16);
    expect(once(0, both(1_000, 0))).toBe(0);
  });

  it('goes up by the larger of four pods and all again every 15 s where nothing is said', () => {
    expect(looks(defaultBehavior, 1, [100, 100, 100, 100, 100, 100])).toEqual([5, 10, 20, 40, 80, 100]);
  });

  it('counts what a period has added already', () => {
    const policies = [{ type: 'Pods' as const, value: 8, periodSeconds: 60 }];
    const behavior = { ...unbraked, scaleUp: { ...unbraked.scaleUp, policies } };
    // 1 + 8, then nothing more until the minute is over.
    expect(looks(behavior, 1, [50, 50, 50, 50, 50, 50])).toEqual([9, 9, 9, 9, 17, 17]);
    // Only 3 of the 8 were asked for at first.
    expect(looks(behavior, 1, [4, 50, 50, 50, 50, 50])).toEqual([4, 9, 9, 9, 12, 17]);
  });

  it('goes down to the most that was asked for within the window', () => {
    const behavior = { ...unbraked, scaleDown: { ...unbraked.scaleDown, stabilizationWindowSeconds: 60 } };
    expect(looks(behavior, 10, [10, 4, 6, 2, 2, 2, 2, 2])).toEqual([10, 10, 10, 10, 6, 6, 2, 2]);
  });

  it('goes up to the least that was asked for within the window', () => {
    const behavior = { ...unbraked, scaleUp: { ...unbraked.scaleUp, stabilizationWindowSeconds: 30 } };
    expect(looks(behavior, 2, [2, 8, 5, 9, 9])).toEqual([2, 2, 5, 5, 9]);
  });

  it('goes down pod by pod, or by a share that is rounded down', () => {
    const down = (policies: Behavior['scaleDown']['policies'], selectPolicy: 'Max' | 'Min' | 'Disabled' = 'Max') => ({
      ...unbraked,
      scaleDown: { stabilizationWindowSeconds: 0, selectPolicy, policies },
    });
    const one = { type: 'Pods', value: 1, periodSeconds: 30 } as const;
    const quarter = { type: 'Percent', value: 25, periodSeconds: 30 } as const;
    const asked = [1, 1, 1, 1, 1];
    expect(looks(down([one]), 10, asked)).toEqual([9, 9, 8, 8, 7]);
    // 7.5, then 5.25, then 3.75.
    expect(looks(down([quarter]), 10, asked)).toEqual([7, 7, 5, 5, 3]);
    expect(looks(down([one, quarter]), 10, asked)).toEqual([7, 7, 5, 5, 3]);
    expect(looks(down([one, quarter], 'Min'), 10, asked)).toEqual([9, 9, 8, 8, 7]);
    expect(looks(down([one, quarter], 'Disabled'), 10, asked)).toEqual([10, 10, 10, 10, 10]);
  });
});
