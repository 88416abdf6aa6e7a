import { describe, expect, it } from 'vitest';
import { comparedDesigns, installedDesign } from '../../../bench/autoscale/designs.ts';
import { nights } from '../../../bench/autoscale/nights.ts';
import { chooseVictims } from '../../../bench/autoscale/replica-set.ts';
import { simulateNight, type Night } from '../../../bench/autoscale/simulate-night.ts';
import { createTaskQueue, type SimulatedRun } from '../../../bench/autoscale/task-queue.ts';

const installed = installedDesign();
const named = (name: string, night: Night) => {
  const found = comparedDesigns(installed, night).find((design) => design.name === name);
  if (found === undefined) throw new Error(`no design is called ${name}`);
  return found;
};
const run: SimulatedRun = {
  name: 'run',
  startsAt: 60,
  shardSeconds: Array.from({ length: 8 }, () => 300),
  window: 64,
  priority: 4,
  loadSeconds: 30,
};
const usual = { name: 'a test', hours: 6, prometheus: true };

describe('a simulated night', () => {
  it('is the same for the same seed, and another for another', () => {
    const of = (seed: number) => simulateNight({ night: nights.small, design: installed, seed });
    expect(of(7)).toEqual(of(7));
    expect(of(8).billedHours).not.toBe(of(7).billedHours);
  });

  it('takes as long as can be worked out by hand', () => {
    const night = { ...usual, runs: () => [run] };
    const outcome = simulateNight({ night, design: installed, seed: 1 });
    // Two samplers for eight shards. One is asked for at 60 to 75 s, the other by then 15 s later; a node takes 180 to 300 s,
    // a sampler 15 s; then 4 shards each, with 30 s for the model and twice 2 s a shard: 1,246 s.
    const [{ finishedAt = Infinity }] = outcome.runs;
    expect(finishedAt).toBeGreaterThan(60 + 180 + 15 + 1_246);
    expect(finishedAt).toBeLessThan(75 + 15 + 300 + 15 + 1_246 + 5);
    expect(outcome.workHours).toBeCloseTo((8 * 300) / 3_600, 9);
    // Two nodes until 180 s, a poll and 60 s after the last shard; one may have been given back before.
    const seconds = outcome.billedHours * 3_600;
    expect(seconds).toBeGreaterThan(2 * (finishedAt - 90));
    expect(seconds).toBeLessThan(2 * (finishedAt - 60 + 180 + 30 + 60));
    expect(outcome.busyKills).toBe(0);
  });

  it('does all work once, whatever is killed', () => {
    const night = { ...usual, runs: () => [{ ...run, shardSeconds: [...run.shardSeconds, 3_000] }] };
    const backlog = named('backlog alone, all defaults', night);
    const outcome = simulateNight({ night, design: backlog, seed: 3 });
    expect(outcome.busyKills).toBeGreaterThan(0);
    expect(outcome.runs[0].finishedAt).toBeDefined();
    expect(outcome.redoneHours).toBeGreaterThan(0);
    expect(outcome.billedHours).toBeGreaterThan(outcome.workHours + outcome.redoneHours);
  });

  it('begins no shard of a paused run', () => {
    const paused = { from: 100, until: 10_000 };
    const shardSeconds = Array.from({ length: 80 }, () => 60);
    const outcome = simulateNight({
      night: { ...usual, runs: () => [{ ...run, shardSeconds, paused }] },
      design: installed,
      seed: 1,
    });
    expect(outcome.runs[0].finishedAt).toBeGreaterThan(paused.until);
  });

  it('replaces what a spot interruption takes, which costs seconds', () => {
    const night = { ...usual, runs: () => [run], spotMeanHours: 0.2 };
    const outcome = simulateNight({ night, design: installed, seed: 5 });
    expect(outcome.interruptions).toBeGreaterThan(0);
    expect(outcome.runs[0].finishedAt).toBeDefined();
    expect(outcome.redoneHours * 3_600).toBeLessThan(outcome.interruptions * 40);
  });
});

describe('what docs/autoscaling.md says', () => {
  const seeds = [1, 2, 3];
  const kills = (night: Night, name?: string) =>
    seeds.map((seed) => simulateNight({ night, design: name === undefined ? installed : named(name, night), seed }));

  it('holds: no sampler at work is killed as installed, many are by the backlog alone', () => {
    for (const night of [nights.audits, nights.small]) {
      for (const { busyKills } of kills(night)) expect(busyKills).toBe(0);
      for (const { busyKills } of kills(night, 'backlog alone, all defaults')) expect(busyKills).toBeGreaterThan(8);
    }
  });

  it('holds: without Prometheus two triggers keep all nodes until somebody comes, the formula does not', () => {
    for (const { billedHours, workHours } of kills(nights.outage)) expect(billedHours).toBeLessThan(1.1 * workHours);
    for (const { billedHours, workHours } of kills(nights.outage, 'two triggers without fallback')) {
      expect(billedHours).toBeGreaterThan(2 * workHours);
    }
  });
});

describe("Temporal's queue", () => {
  it('hands out the lowest priority number first, runs in turns, and the oldest of a run', () => {
    const queue = createTaskQueue();
    const order: string[] = [];
    const add = (of: SimulatedRun, name: string) => {
      queue.add({ run: of, secondsLeft: 1, handedOver: false, done: () => order.push(name) });
    };
    const [a, b] = [{ ...run }, { ...run }];
    for (const name of ['a1', 'a2', 'a3', 'a4']) add(a, name);
    queue.take()?.done();
    for (const name of ['b1', 'b2']) add(b, name);
    const interactive = { ...run, priority: 2 };
    for (const name of ['i1', 'i2']) add(interactive, name);
    expect(queue.waiting()).toBe(7);
    for (let task = queue.take(); task !== undefined; task = queue.take()) task.done();
    expect(order.slice(0, 3)).toEqual(['a1', 'i1', 'i2']);
    expect(order.slice(3).filter((name) => name.startsWith('a'))).toEqual(['a2', 'a3', 'a4']);
    expect(order.slice(3, 7).sort()).toEqual(['a2', 'a3', 'b1', 'b2']);
  });
});

describe('a ReplicaSet that has too many pods', () => {
  const now = 10_000;
  const pod = { order: 0.5, createdAt: 0, node: {}, running: true, readyAt: 100 };

  it('deletes the unscheduled first, then what does not run, what is not ready, and the youngest', () => {
    const pods = [
      { ...pod, name: 'old' },
      { ...pod, name: 'young', readyAt: 9_000 },
      { ...pod, name: 'not ready', readyAt: undefined },
      { ...pod, name: 'not running', running: false, readyAt: undefined },
      { ...pod, name: 'unscheduled', node: undefined, running: false, readyAt: undefined },
    ];
    expect(chooseVictims(pods, 4, now).map(({ name }) => name)).toEqual([
      'unscheduled',
      'not running',
      'not ready',
      'young',
    ]);
    expect(chooseVictims(pods, -1, now)).toEqual([]);
  });

  it('takes ages between two powers of two for the same, and decides by chance', () => {
    // 9,900 s and 9,500 s in nanoseconds lie between 2^43 and 2^44.
    const pods = [
      { ...pod, name: 'younger', readyAt: 500, order: 0.9 },
      { ...pod, name: 'older', order: 0.1 },
    ];
    expect(chooseVictims(pods, 1, now)[0].name).toBe('older');
  });
});
