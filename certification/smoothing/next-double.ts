const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The next double above a finite, non-negative `value`. */
export function nextUp(value: number): number {
  float[0] = value;
  bits[0] = bits[0] + 1n;
  return float[0];
}

/** The next double below `value`, and 0 for 0. For finite, non-negative values. */
export function nextDown(value: number): number {
  if (value === 0) return 0;
  float[0] = value;
  bits[0] = bits[0] - 1n;
  return float[0];
}
