/** Radii are typed as decimals and computed as fractions; this apart they are the same. */
const SAME = 1e-9;

/** Whether two radii are the same but for the rounding of what computed them. */
export function sameRadius(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME * other;
}
