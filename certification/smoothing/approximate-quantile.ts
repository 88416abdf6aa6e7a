import { fromNumber } from './double-double.ts';
import { ln } from './ln.ts';

/**
 * x ≥ 0 with P(N(0, 1) > x) ≈ `tail`, for 0 < tail ≤ ½: absolute error < 4.5e-4, where Newton's method starts.
 * Source: Abramowitz & Stegun 26.2.23 (C. Hastings).
 */
export function approximateQuantile(tail: number): number {
  const t = Math.sqrt(-2 * ln(fromNumber(tail)).hi);
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}
