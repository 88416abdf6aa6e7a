/**
 * A share in percent, without a sign, floored in whole numbers: an accuracy or its bound is never printed above its true
 * value, and 82.4 is never 82.39 because 0.824 is no double.
 *
 * @param count 0 ≤ count ≤ total, whole; `count` times 10^(2 + decimals) below 2⁵³.
 * @param total ≥ 1, whole.
 * @param decimals 0 to 4.
 */
export function percentDigits(count: number, total: number, decimals: number): string {
  const unit = Number(`1e${decimals}`);
  const scaled = count * 100 * unit;
  const parts = (scaled - (scaled % total)) / total;
  const fraction = parts % unit;
  const whole = String((parts - fraction) / unit);
  return decimals === 0 ? whole : `${whole}.${String(fraction).padStart(decimals, '0')}`;
}
