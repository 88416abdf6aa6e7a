/** How image files become arrays of one shape, as a request asks for it. */
export interface ImageOptions {
  /** Length in pixels that the shorter side is resized to; left as it is where null. */
  readonly resize: number | null;
  /** Side in pixels of the square cut out of the centre; the whole image where null. */
  readonly crop: number | null;
  /** Kernel of the resizing: triangle, Catmull–Rom, or Lanczos with three lobes; each widened where it shrinks. */
  readonly interpolation: 'bilinear' | 'bicubic' | 'lanczos';
  /** 3: red, green, blue. 1: grey, by ITU-R 601-2 (as PIL's mode L). */
  readonly channels: 1 | 3;
}
