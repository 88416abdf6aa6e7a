import type { NoiseScale } from '../smoothing/noise-scale.ts';

/** How wide a noise is: `σ = 0.25` of Gaussian, `λ = 0.5` of uniform noise. */
export function scaleText({ sigma, lambda }: NoiseScale): string {
  return lambda === undefined ? `σ = ${sigma}` : `λ = ${lambda}`;
}

/** The same where there are no Greek letters. */
export function scaleWords({ sigma, lambda }: NoiseScale): string {
  return lambda === undefined ? `sigma ${sigma}` : `lambda ${lambda}`;
}
