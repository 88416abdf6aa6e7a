import { describe, expect, it } from 'vitest';
import type { Design, Fallback } from '../../../bench/autoscale/design.ts';
import { installedDesign } from '../../../bench/autoscale/designs.ts';
import { createKeda, type Keda } from '../../../bench/autoscale/keda.ts';

const world = { waiting: 0, used: 0 as number | undefined, workflows: false, replicas: 0 };

/** KEDA in a world to be changed by the test; `looks` polls every 15 s and does as it says. */
function kedaIn(design: Partial<Design>): { now: typeof world; keda: Keda; looks: (count: number) => number[] } {
  const now = { ...world };
  const keda = createKeda(
    { ...installedDesign(), cooldownPeriod: 60, ...design },
    {
      waiting: () => now.waiting,
      usedSlots: () => now.used,
      workflowsRun: () => now.workflows,
      replicas: () => now.replicas,
    },
  );
  let at = 0;
  const looks = (count: number) =>
    Array.from({ length: count }, () => {
      now.replicas = keda.poll(15 * at++) ?? now.replicas;
      return now.replicas;
    });
  return { now, keda, looks };
}

const backlog = { slots: false, fallback: undefined };

describe('KEDA', () => {
  it('takes the step from none to one alone, and leaves the rest to the autoscaler', () => {
    const { now, looks } = kedaIn(backlog);
    expect(looks(2)).toEqual([0, 0]);
    now.waiting = 40;
    expect(looks(2)).toEqual([1, 1]);
    now.replicas = 10;
    expect(looks(2)).toEqual([10, 10]);
  });

  it('takes all at once when no trigger was active for longer than the cooldown', () => {
    const { now, looks } = kedaIn(backlog);
    now.waiting = 40;
    looks(1);
    Object.assign(now, { waiting: 0, replicas: 10 });
    // Active at 0 s; 60 s are not longer than 60 s.
    expect(looks(5)).toEqual([10, 10, 10, 10, 0]);
  });

  it('sees samplers at work by their slots alone', () => {
    for (const [slots, expected] of [
      [false, 0],
      [true, 3],
    ] as const) {
      const { now, looks } = kedaIn(slots ? {} : backlog);
      now.waiting = 4;
      looks(1);
      Object.assign(now, { waiting: 0, used: 3, replicas: 3 });
      expect(looks(20).at(-1)).toBe(expected);
    }
  });

  it('stays for workflows that run where they are to count', () => {
    const { now, looks } = kedaIn({ ...backlog, includeRunningWorkflowCount: true });
    now.workflows = true;
    expect(looks(20).at(-1)).toBe(1);
  });

  describe('without Prometheus', () => {
    const failureThreshold = 2;
    const withFallback = (fallback: Fallback | undefined) => {
      const made = kedaIn({ fallback });
      made.now.used = undefined;
      return made;
    };

    it('never goes to none without a fallback', () => {
      const { now, looks } = withFallback(undefined);
      now.waiting = 4;
      expect(looks(1)).toEqual([1]);
      now.waiting = 0;
      expect(looks(50).at(-1)).toBe(1);
    });

    it('keeps a sampler for nothing with a fallback of replicas, be it none', () => {
      for (const replicas of [0, 1]) {
        const { looks, keda } = withFallback({ behavior: 'static', failureThreshold, replicas });
        expect(looks(4)).toEqual([0, 0, 1, 1]);
        expect(keda.metrics()[1]).toEqual({ value: replicas, target: 1 });
      }
    });

    it('holds what is there with the fallback of the current replicas', () => {
      const { now, looks, keda } = withFallback({ behavior: 'currentReplicasIfHigher', failureThreshold, replicas: 1 });
      now.replicas = 9;
      looks(3);
      expect(keda.metrics()[1].value).toBe(9);
    });

    it('goes by the backlog alone where the formula does without', () => {
      const { now, looks, keda } = withFallback({ behavior: 'scalingModifiers', failureThreshold });
      now.waiting = 8;
      // Until then the formula has no value, and nothing is active.
      expect(looks(3)).toEqual([0, 0, 1]);
      expect(keda.metrics()).toEqual([
        { value: 8, target: 4 },
        { value: 0, target: 1 },
      ]);
      now.waiting = 0;
      expect(looks(20).at(-1)).toBe(0);
      now.used = 0;
      looks(1);
      now.used = undefined;
      expect(keda.metrics()).toEqual([
        { value: undefined, target: 4 },
        { value: undefined, target: 1 },
      ]);
    });
  });
});
