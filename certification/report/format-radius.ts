/**
 * Prints a radius with a fixed count of decimals, never above its true value: `(2 / 3, 3)` is `0.666`. Rounding it, or
 * scaling it by a power of ten in doubles, could print a radius that isn't certified.
 *
 * `toFixed(100)` spells every multiple of 2⁻¹⁰⁰ out exactly, which every double of at least 2⁻⁴⁷ is; a smaller one
 * begins with at least 14 zeros whatever its last digits are. So cutting the text floors the number.
 *
 * @param radius 0 ≤ radius < 1e21, where `toFixed` turns to exponents.
 * @param decimals 0 to 14.
 * @throws RangeError outside those ranges.
 */
export function formatRadius(radius: number, decimals: number): string {
  if (!(radius >= 0 && radius < 1e21)) throw new RangeError(`Can't print ${radius}: expected a radius in [0, 1e21).`);
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 14) {
    throw new RangeError(`Can't print ${decimals} decimals: expected a whole number from 0 to 14.`);
  }
  const text = radius.toFixed(100);
  const point = text.length - 101;
  return text.slice(0, decimals === 0 ? point : point + 1 + decimals);
}
