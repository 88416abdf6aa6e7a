/** What decides how a model is computed on a CUDA device; all of it can round differently, so the claim names it. */
export interface CudaArithmetic {
  /** Whether float32 products may be rounded to TensorFloat-32's 10 bits of mantissa first. */
  readonly tf32: boolean;
  /** Whether convolutions run channels last. */
  readonly channelsLast: boolean;
}

/** Float32 throughout, as on a CPU. */
export const fullPrecision: CudaArithmetic = { tf32: false, channelsLast: false };
