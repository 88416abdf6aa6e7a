/** The probabilities of consecutive counts, from `from` on. */
export interface CountLaw {
  readonly from: number;
  readonly mass: Float64Array;
}

/**
 * Bin(n, p) as doubles, by the ratios of neighbours from its mode outward, normalised.
 *
 * @param negligible counts this much less likely than the mode are left out, and all farther out.
 */
export function binomialLaw({ n, p, negligible }: { n: number; p: number; negligible: number }): CountLaw {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const down: number[] = [];
  for (let k = mode, mass = 1; k > 0; k--) {
    mass *= (k * (1 - p)) / ((n - k + 1) * p);
    if (mass < negligible) break;
    down.push(mass);
  }
  const up: number[] = [];
  for (let k = mode, mass = 1; k < n; k++) {
    mass *= ((n - k) * p) / ((k + 1) * (1 - p));
    if (mass < negligible) break;
    up.push(mass);
  }
  const mass = Float64Array.from([...down.reverse(), 1, ...up]);
  const sum = mass.reduce((total, value) => total + value, 0);
  return { from: mode - down.length, mass: mass.map((value) => value / sum) };
}
