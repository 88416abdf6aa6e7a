/** The largest finite value of IEEE 754's binary16, which ONNX calls float16. */
export const largestHalf = 65504;

const bytes = new DataView(new ArrayBuffer(4));

/**
 * The 16 bits of the half-precision number nearest to a float32, the even one of two that are as near (IEEE 754-2019,
 * §4.3.1). Below 2⁻¹⁴ it is a subnormal, or zero with its sign; from 65520 on in magnitude it is an infinity.
 *
 * @param value a float32: another number is rounded to one first. A NaN gives the quiet NaN with its sign.
 */
export function halfBits(value: number): number {
  bytes.setFloat32(0, value);
  const bits = bytes.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  const exponent = (magnitude >>> 23) - 127;
  if (exponent > 15) return sign | 0x7c00;
  // A normal half keeps 10 of the 23 bits behind the point; each step below 2⁻¹⁴ costs one more.
  const dropped = exponent >= -14 ? 13 : 13 + (-14 - exponent);
  // Less than half of the least subnormal.
  if (dropped > 24) return sign;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const kept = significand >>> dropped;
  const rest = significand & ((1 << dropped) - 1);
  const tie = 1 << (dropped - 1);
  const rounded = rest > tie || (rest === tie && (kept & 1) === 1) ? kept + 1 : kept;
  // The leading bit adds 1 to the exponent's field, and so does a carry out of the significand.
  return sign | ((exponent >= -14 ? (exponent + 14) << 10 : 0) + rounded);
}

/** The number that 16 bits stand for, exactly. */
export function halfValue(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const significand = bits & 0x3ff;
  if (exponent === 0x1f) return significand === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * significand * 2 ** -24 : sign * (0x400 + significand) * 2 ** (exponent - 25);
}
