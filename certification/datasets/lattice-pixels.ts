/** float32 values of pixel k: k/255 rounded once (NumPy, torchvision), and k times the rounded 1/255 (scaling layers). */
const divided = Float32Array.from({ length: 256 }, (_, k) => k / 255);
const multiplied = Float32Array.from({ length: 256 }, (_, k) => k * Math.fround(1 / 255));

/**
 * Recovers the 8-bit pixels behind float32 values. Most float32 test sets are 8-bit images divided by 255. Read as what
 * they are, they lie on the lattice ℤ/255 exactly, and their noise is exact with no radius lost to snapping; the
 * float32 form differs from k/255 by rounding alone.
 *
 * @param values in input units.
 * @returns pixel k for each value, or null where any value isn't the float32 of some k/255, k from 0 to 255.
 */
export function latticePixels(values: Float32Array): Uint8Array | null {
  const pixels = new Uint8Array(values.length);
  for (let position = 0; position < values.length; position++) {
    const value = values[position];
    const k = Math.round(value * 255);
    if (divided[k] !== value && multiplied[k] !== value) return null;
    pixels[position] = k;
  }
  return pixels;
}
