/**
 * The first step of an inversion: for each value c of a uniform's top 16 bits, twice the integer that the least such
 * uniform draws, plus 1 where another uniform with the same top bits may draw another.
 *
 * @param upper upper halves of the thresholds, ascending; half of them belong to negative integers
 */
export function guideTable(upper: Uint32Array): Int16Array {
  const guide = new Int16Array(0x10000);
  const least = -upper.length / 2;
  let below = 0;
  for (let cell = 0; cell < 0x10000; cell++) {
    let through = below;
    while (through < upper.length && upper[through] >>> 16 === cell) through++;
    guide[cell] = 2 * (least + below) + (through > below ? 1 : 0);
    below = through;
  }
  return guide;
}
