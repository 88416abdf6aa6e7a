import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPeerLogs } from '../../bench/find-peer-logs.ts';
import { peerExamples } from '../../bench/peer-examples.ts';
import { recoverCounts } from '../../bench/recover-counts.ts';
import { spreadAbstained } from '../../bench/spread-abstained.ts';
import { abstainThreshold } from '../../certification/smoothing/abstain-threshold.ts';
import { certify } from '../../certification/smoothing/certify.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const n = 100_000;
const sigma = 0.25;
const levels = [0.001, 0.01];

/** A radius as the published code prints it: Python's `{:.3}`. */
function printed(count: number, alpha: number): number {
  const decision = certify({ count, runnerUpCount: 0, n, alpha, sigma, bound: 'clopper-pearson', margin: 0 });
  if (decision.status === 'abstained') throw new Error(`${count} of ${n} abstains.`);
  return Number(decision.radius.toPrecision(3));
}

describe('counts recovered from printed radii', () => {
  const counts = [50_600, 61_234, 75_000, 93_210, 99_800, 99_990, 99_999, 100_000];

  it.each(levels)('are those that they were printed from, and alpha with them: %d', (alpha) => {
    const recovered = recoverCounts({ radii: counts.map((count) => printed(count, alpha)), sigma, n, levels });
    expect(recovered?.alpha).toBe(alpha);
    recovered?.counts.forEach((count, at) => {
      expect(printed(count, alpha)).toBe(printed(counts[at], alpha));
      // Three digits of a radius leave that much open.
      expect(Math.abs(count - counts[at])).toBeLessThanOrEqual(0.001 * n);
    });
    expect(recovered?.counts.slice(-3)).toEqual(counts.slice(-3));
  });

  it('are none where no level explains a radius', () => {
    expect(recoverCounts({ radii: [printed(n, 0.001), printed(n, 0.01)], sigma, n, levels })).toBeUndefined();
  });
});

describe('the probabilities assumed for abstentions', () => {
  it('lie below the threshold as densely as the known ones above it', () => {
    const known = [0.51, 0.53, 0.55, 0.57, 0.7, 0.99];
    const assumed = spreadAbstained({ count: 2, known, threshold: 0.5 });
    expect(assumed[0]).toBeCloseTo(0.4875, 12);
    expect(assumed[1]).toBeCloseTo(0.4625, 12);
  });

  it('are never below a tenth, however many there are', () => {
    for (const known of [[0.9], [0.51]]) {
      const assumed = spreadAbstained({ count: 50, known, threshold: 0.5 });
      expect(Math.min(...assumed)).toBeGreaterThan(0.1);
      expect(Math.max(...assumed)).toBeLessThan(0.5);
    }
  });
});

describe('a published log', () => {
  const header = 'idx\tlabel\tpredict\tradius\tcorrect\ttime';

  function log(...rows: string[]): string {
    const path = join(temporaryFolder(), 'sigma_0.25');
    writeFileSync(path, [header, ...rows, ''].join('\n'));
    return path;
  }

  it('gives an example for each row, in order', () => {
    const path = log(
      `0\t3\t3\t${printed(99_990, 0.001)}\t1\t15.4`,
      '20\t7\t-1\t0.0\t0\t15.6',
      `40\t4\t5\t${printed(60_000, 0.001)}\t0\t0:00:15.700000`,
    );
    const { alpha, examples } = peerExamples({ path, sigma, n });
    expect(alpha).toBe(0.001);
    expect(examples.map(({ abstained, correct }) => ({ abstained, correct }))).toEqual([
      { abstained: false, correct: true },
      { abstained: true, correct: false },
      { abstained: false, correct: false },
    ]);
    expect(examples[0].p).toBe(0.9999);
    expect(examples[1].p).toBeLessThan(abstainThreshold({ n, alpha, margin: 0 }) / n);
    expect(examples[2].p).toBeCloseTo(0.6, 3);
  });

  it('is found by its name, with its sigma', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'sigma_0.25'), header);
    writeFileSync(join(folder, 'README.md'), '');
    expect(findPeerLogs(folder)).toEqual([{ path: join(folder, 'sigma_0.25'), sigma: 0.25 }]);
    expect(findPeerLogs(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('is refused where a row says something impossible, or no level explains its radii', () => {
    expect(() => peerExamples({ path: log('0\t3\t3\tnan\t1\t15.4'), sigma, n })).toThrow('line 2: radius is "nan"');
    const radii = levels.map((alpha, at) => `${at}\t3\t3\t${printed(n, alpha)}\t1\t15.4`);
    expect(() => peerExamples({ path: log(...radii), sigma, n })).toThrow('at alpha 0.001 or 0.01');
  });
});
