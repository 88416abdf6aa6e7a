/**
 * Which of ONNX's operators compute in half precision. The list starts from those that onnxconverter-common and ONNX
 * Runtime's own converter leave in float32, and is stricter: an operator that isn't named here stays there too.
 */

/** Those that the time is spent on. GPUs compute them from halves with sums in float32. */
export const matrixOperators: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/**
 * Those that compute in the precision they are given, so that no conversion is needed for them: they move values, or
 * work on each by itself, or take the mean or greatest of few. All have half-precision kernels for CUDA.
 */
export const followingOperators: ReadonlySet<string> = new Set([
  // Move values.
  ...['Concat', 'DepthToSpace', 'Dropout', 'Expand', 'Flatten', 'Gather', 'GatherElements', 'GatherND', 'Identity'],
  ...['Pad', 'Reshape', 'Slice', 'SpaceToDepth', 'Split', 'Squeeze', 'Tile', 'Transpose', 'Unsqueeze', 'Where'],
  // Arithmetic on single values.
  ...['Abs', 'Add', 'BatchNormalization', 'Clip', 'Div', 'Max', 'Min', 'Mul', 'Neg', 'Sqrt', 'Sub', 'Sum'],
  // Activations.
  ...['Elu', 'Erf', 'Gelu', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Mish', 'PRelu', 'Relu', 'Selu', 'Sigmoid'],
  ...['Softplus', 'Softsign', 'Tanh', 'ThresholdedRelu'],
  // Pooling: its sums are of few values, and CUDA's are in float32.
  ...['AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'MaxPool'],
]);

/** Those that read any type and make none of it. */
export const typelessOperators: ReadonlySet<string> = new Set(['Cast', 'Shape', 'Size']);

/** Sums over many values, squares and exponentials: beyond 65504, or of terms too small to count. */
const overflowing = new Set([
  ...['CumSum', 'Exp', 'GroupNormalization', 'InstanceNormalization', 'LRN', 'LayerNormalization', 'LogSoftmax'],
  ...['LpNormalization', 'LpPool', 'GlobalLpPool', 'MeanVarianceNormalization', 'Pow', 'RMSNormalization'],
  ...['Reciprocal', 'Softmax'],
]);

/** A half holds whole numbers up to 2048 alone. */
const positional = new Set([
  ...['AffineGrid', 'GridSample', 'MaxRoiPool', 'NonMaxSuppression', 'Range', 'Resize', 'RoiAlign', 'Upsample'],
]);

/** Why an operator stays in float32, in the words of the command line. */
export const reasons = {
  overflow: 'sums, squares and exponentials overflow in half precision',
  positions: 'positions and scales need more than 11 bits',
  scores: 'close class scores could tie in half precision',
  weights: 'a constant lies beyond 65504, the largest half',
  inner: 'holds graphs of its own, which stay as they are',
  float32: 'what it works on is float32',
  unknown: 'not known to compute well in half precision',
} as const;

/** Why an operator of ONNX's own that isn't listed above stays in float32. */
export function whyNotHalf(opType: string): string {
  if (overflowing.has(opType) || opType.startsWith('Reduce')) return reasons.overflow;
  return positional.has(opType) ? reasons.positions : reasons.unknown;
}
