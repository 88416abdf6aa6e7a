import { priorities } from '../../workflows/types.ts';
import type { Night } from './simulate-night.ts';
import type { SimulatedRun } from './task-queue.ts';

/** A request's default `concurrency`. */
const WINDOW = 64;
/** What a plan aims at. */
const SHARD_S = 300;
/** Of shards in sequential mode, whose examples take from hundreds of samples to all of them. */
const SPREAD = 0.25;
/** 50,000 examples at 10,000 samples each on average, 5,000 samples a second: 148 examples a shard. */
const IMAGENET_SHARDS = 338;
/** A model of 100 MB and the index of 50,000 examples from S3, and the runtime's session on the device. */
const LOAD_S = 30;

const HOUR = 3_600;

interface Shards {
  readonly shards: number;
  readonly seconds: number;
  readonly random: () => number;
}

/** Log-normal times. */
function shardTimes({ shards, seconds, random }: Shards): number[] {
  const sigma = Math.sqrt(Math.log(1 + SPREAD ** 2));
  return Array.from({ length: shards }, () => seconds * Math.exp(sigma * normal(random) - sigma ** 2 / 2));
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function audit(more: Pick<SimulatedRun, 'name' | 'startsAt' | 'shardSeconds'>): SimulatedRun {
  return { window: WINDOW, priority: priorities.nightly, loadSeconds: LOAD_S, ...more };
}

function threeAudits(random: () => number): SimulatedRun[] {
  const audits = ['a', 'b', 'c'].map((name) =>
    audit({
      name: `audit ${name}`,
      startsAt: 600 * random(),
      shardSeconds: shardTimes({ shards: IMAGENET_SHARDS, seconds: SHARD_S, random }),
    }),
  );
  // 5,000 examples, begun by somebody who waits for them.
  const shardSeconds = shardTimes({ shards: 34, seconds: SHARD_S, random });
  const interactive = audit({ name: 'interactive', startsAt: 5 * HOUR, shardSeconds });
  return [...audits, { ...interactive, priority: priorities.interactive }];
}

function smallAudits(random: () => number): SimulatedRun[] {
  return Array.from({ length: 40 }, (_, at) =>
    audit({
      name: `audit ${at}`,
      startsAt: 300 * at + 300 * random(),
      shardSeconds: shardTimes({ shards: 16, seconds: 60, random }),
    }),
  );
}

function longShard(random: () => number): SimulatedRun[] {
  const shardSeconds = shardTimes({ shards: 48, seconds: SHARD_S, random });
  return [audit({ name: 'audit', startsAt: 60, shardSeconds: [...shardSeconds, 2_400] })];
}

function pausedRun(random: () => number): SimulatedRun[] {
  const shardSeconds = shardTimes({ shards: IMAGENET_SHARDS, seconds: SHARD_S, random });
  return [{ ...audit({ name: 'audit', startsAt: 60, shardSeconds }), paused: { from: 1_200, until: 8 * HOUR } }];
}

const usual = { hours: 14, prometheus: true };

export const nights = {
  audits: { ...usual, name: 'three audits of 50,000 ImageNet examples, and an interactive run', runs: threeAudits },
  small: { ...usual, name: '40 small audits, one every five minutes', runs: smallAudits },
  long: { ...usual, name: 'one audit of 48 shards, and one that takes 40 minutes', runs: longShard },
  paused: { ...usual, name: 'one audit of 338 shards, paused after 20 minutes until the morning', runs: pausedRun },
  spot: {
    ...usual,
    name: 'the three audits on spot nodes, interrupted every 8 hours on average',
    runs: threeAudits,
    spotMeanHours: 8,
  },
  outage: { ...usual, name: 'the three audits without Prometheus', runs: threeAudits, prometheus: false },
} satisfies Record<string, Night>;
