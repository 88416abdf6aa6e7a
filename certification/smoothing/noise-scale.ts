/** The noise of a smoothed classifier: N(0, σ²I), or uniform on [−λ, λ] in each coordinate where there is a lambda. In input units. */
export interface NoiseScale {
  /** The standard deviation; above 0. That of uniform noise follows from `lambda`, and no bound looks at it. */
  readonly sigma: number;
  /** Half the width of uniform noise; above 0. */
  readonly lambda?: number | undefined;
}

/** The standard deviation of noise uniform on [−lambda, lambda]. */
export function uniformSigma(lambda: number): number {
  return lambda / Math.sqrt(3);
}
