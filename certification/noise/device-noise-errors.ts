/**
 * How far a normal pair of cuRAND's lies from what exact arithmetic would make of the same words.
 *
 * The steps are those of `curand_normal4` on a Philox4_32_10 state (cuRAND's curand_normal.h), as ONNX Runtime's RandomNormalLike
 * calls it, with uniforms u = a·2⁻³² + 2⁻³³ and v = b·c + c/2, c = 2⁻³²·float(2π), all in float32:
 *
 *     s = sqrtf(-2 * logf(u));  x = s * __sinf(v);  y = s * __cosf(v)
 *
 * Errors of the functions are those that NVIDIA documents, which it calls tested and not proved: CUDA C++ Programming Guide,
 * Mathematical Functions (logf: 1 ulp beyond correct rounding; sqrtf, sums and products correctly rounded, as they are unless
 * a library is built with fast-math); PTX ISA, `sin` and `cos` (absolute error 2⁻²⁰·⁵ on [−2π, 2π]).
 */

/** 2⁻²⁴: half a unit in the last place of a float32, relative. */
const HALF_ULP = 1 / 0x1000000;
/** 2⁻³³: from a word's middle to its end, as a share of all words. */
const HALF_WORD = 1 / 0x200000000;

/** `__sinf` and `__cosf`, absolute: 2⁻²⁰·⁵. */
const SINE = Math.SQRT1_2 / 0x100000;

/**
 * The angle, in radians, worst from π on: b as a float32 (½ · 2⁸ of 2³² steps), product and sum in [4, 8) (half a ulp of 2⁻²¹ each;
 * one of the two where they are fused), 2π as a float32 (1.75e-7 too large), and V's place between two words.
 */
const ANGLE = 2 * Math.PI * (HALF_ULP / 2) + 2 * (4 * HALF_ULP) + 1.75e-7 + 2 * Math.PI * HALF_WORD;

/** Relative to a coordinate: logf (1½ ulp, halved by the root), sqrtf, its product with the sine, the product with s. */
const RELATIVE = 1.5 * HALF_ULP + 3 * HALF_ULP;

/** What each source of error can move a coordinate by: `sine` per radius, `angle` per other coordinate, `relative` per coordinate. */
export function displacementLimits(s: number): { sine: number; angle: number; relative: number } {
  return { sine: SINE, angle: ANGLE, relative: RELATIVE + Math.abs(Math.fround(s) / s - 1) };
}

/**
 * What the errors of u can move the radius by, where one of the two radii, the drawn or the exact, is at least `crossing`.
 *
 * The word as a float32 and the sum are off by 2⁻²⁵ each where u ≥ ½, and by a share of 2⁻²⁴ each below; U lies within 2⁻³³ of its
 * word's middle, and a ≥ 2⁶. So |ln û − ln U| ≤ 2⁻²⁴·min(1/u, 2) + 2⁻³³·(65/64)/u, where 1/u = exp(r²/2). The squared radii differ by
 * twice that, D, and |r̂ − r| = D/(r̂ + r) is largest where the larger of the two is `crossing`.
 *
 * @param growth exp(r²/2) at the largest radius in question
 * @returns Infinity where D is so large that the other radius may be 0
 */
export function radialShift({ growth, crossing }: { growth: number; crossing: number }): number {
  const logarithm = HALF_ULP * Math.min(growth, 2) + HALF_WORD * (65 / 64) * growth;
  // What is neglected above is of second order, and none of the radii is known better than to 1e-5.
  const difference = 2 * 1.0001 * logarithm;
  const larger = (1 - 1e-5) * crossing;
  const smaller = larger * larger - difference;
  return smaller > 0 ? difference / (larger + Math.sqrt(smaller)) : Infinity;
}
