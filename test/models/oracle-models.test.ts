import { describe, expect, test } from 'vitest';
import { randomLattice, runFused } from '../classifier/run-fused.ts';
import { coinFlipModel } from './coin-flip-model.ts';
import { constantModel } from './constant-model.ts';
import { linearOracleModel } from './linear-oracle-model.ts';
import { nanModel } from './nan-model.ts';

describe('the test models', () => {
  test('a linear oracle answers 1 exactly where w·x + b > 0', async () => {
    const weights = [3, -2, 1];
    const rows = randomLattice(200, 3);
    const { topClass } = await runFused(linearOracleModel({ shape: [3], weights, bias: -0.999 }), rows);
    const expected = rows.map((row) =>
      row.reduce((sum, k, i) => sum + k * (weights[i] ?? NaN), -254.745) > 0 ? 1 : 0,
    );
    expect(topClass).toEqual(expected);
  });

  test('a constant model answers its class everywhere', async () => {
    const bytes = constantModel({ shape: [3, 8, 8], classes: 10, winner: 7 });
    expect(new Set((await runFused(bytes, randomLattice(30, 192))).topClass)).toEqual(new Set([7]));
  });

  test('a coin-flip model answers the parity of the lattice', async () => {
    const rows = randomLattice(500, 3072);
    const { topClass } = await runFused(coinFlipModel({ shape: [3, 32, 32] }), rows);
    const parities = rows.map((row) => Math.abs(row.slice(0, 2048).reduce((sum, k) => sum + k, 0)) % 2);
    expect(topClass).toEqual(parities);
    expect(new Set(parities).size).toBe(2);
  });

  test('a NaN model has no top class above its level', async () => {
    const bytes = nanModel({ shape: [4], classes: 3, winner: 1, level: 1 });
    const rows = [
      [250, 250, 250, 250],
      [260, 260, 260, 260],
    ];
    expect((await runFused(bytes, rows)).topClass).toEqual([1, -1]);
  });
});
