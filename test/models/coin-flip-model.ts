import { makeNode, makeTensor } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './build-model.ts';

/**
 * Two classes, by the parity of the sum of the noisy lattice `k_i = round(255 x_i)` over all places: a fair coin, tossed
 * anew for each noisy sample.
 *
 * Fair: with K the sum and s = 255σ, `P(odd) = (1 − E[(−1)^K]) / 2`. Each noise term is N(0, s²) rounded to an integer,
 * so by Poisson summation `|E[(−1)^k]| ≤ Σ_j (2 / (|2j + 1| π)) exp(−π² s² (2j + 1)² / 2) ≤ 1.3 exp(−π² s² / 2)`, and
 * over m independent places the bias is at most the m-th power of that: below 1e-8 for s ≥ 2 already at m = 1, and
 * below 1e-8000 for σ = 0.25. Independent: samples of independent noise.
 *
 * Exact: 255 · float32(k / 255) is within 1e-3 of k for |k| < 2¹³, so the rounding finds k; the sum of up to 2¹¹ such
 * numbers stays below 2²⁴, where float32 holds every integer, in whichever order it is added up; larger examples use
 * their first 2¹¹ places.
 */
export function coinFlipModel(options: ModelOptions & { shape: number[] }): Uint8Array {
  const size = options.shape.reduce((product, length) => product * length, 1);
  const places = Float32Array.from({ length: size }, (_, index) => (index < 2 ** 11 ? 1 : 0));
  return buildModel({
    ...options,
    classes: 2,
    initializers: [
      makeTensor('steps_per_unit', [], Float32Array.of(255)),
      makeTensor('half', [], Float32Array.of(0.5)),
      makeTensor('two', [], Float32Array.of(2)),
      makeTensor('places', [size, 1], places),
      makeTensor('sides', [1, 2], Float32Array.of(-1, 1)),
      makeTensor('evenly', [2], Float32Array.of(0.5, -0.5)),
    ],
    nodes: [
      makeNode('Flatten', { input: ['input'], output: ['features'] }, { axis: 1n }),
      makeNode('Mul', { input: ['features', 'steps_per_unit'], output: ['steps'] }),
      makeNode('Add', { input: ['steps', 'half'], output: ['raised'] }),
      makeNode('Floor', { input: ['raised'], output: ['lattice'] }),
      makeNode('MatMul', { input: ['lattice', 'places'], output: ['sum'] }),
      makeNode('Div', { input: ['sum', 'two'], output: ['pairs'] }),
      makeNode('Floor', { input: ['pairs'], output: ['whole_pairs'] }),
      makeNode('Mul', { input: ['whole_pairs', 'two'], output: ['even_part'] }),
      makeNode('Sub', { input: ['sum', 'even_part'], output: ['parity'] }),
      makeNode('Gemm', { input: ['parity', 'sides', 'evenly'], output: ['logits'] }),
    ],
  });
}
