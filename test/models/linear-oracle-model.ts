import { linearModel } from './linear-model.ts';
import type { ModelOptions } from './build-model.ts';

/**
 * Two classes, 1 where `w·x + b > 0`. Smoothed at any σ it has the same decision boundary, at the distance
 * `|w·x + b| / ‖w‖` from x: `g` answers 1 with probability `Φ((w·x + b) / (σ‖w‖))`, and the certified radius
 * `σ Φ⁻¹(p)` of the true p is that distance (Cohen, Rosenfeld & Kolter 2019, arXiv 1902.02918, proposition 3).
 */
export function linearOracleModel(
  options: ModelOptions & { shape: number[]; weights: ArrayLike<number>; bias: number },
): Uint8Array {
  const { weights, bias, ...rest } = options;
  return linearModel({ ...rest, weights: [new Float32Array(weights.length), weights], bias: [0, bias] });
}
