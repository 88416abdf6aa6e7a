import type { Phase } from '../../noise/phases.ts';
import type { Device } from '../../records/device.ts';
import type { CudaArithmetic } from './cuda/cuda-arithmetic.ts';

/** All that a model process needs to sample: the fused model, and the law of the noise. */
export interface ModelSetup {
  /** ONNX bytes made by `fuseModel`: a lattice batch in, `top_class` and `logits` out. */
  readonly fused: Uint8Array;
  readonly batchSize: number;
  /** Shape of one example, channels first. */
  readonly shape: readonly number[];
  readonly classes: number;
  readonly elementType: 'int16' | 'int32';
  readonly sigma: number;
  /** There where the noise is uniform on [−lambda, lambda]. */
  readonly lambda?: number | undefined;
  readonly stepsPerUnit: number;
  /** There where the model draws the noise itself: the run's key, which the seed of this process is made of. */
  readonly deviceNoise?: { readonly key: readonly [number, number] } | undefined;
  readonly threads: number;
  readonly device: Device;
  /** How a CUDA device computes; in full precision where left out, as where a run of another device is replayed. */
  readonly cuda?: CudaArithmetic | undefined;
}

/** Samples `from` (inclusive) to `to` (exclusive) of one example, its pixels on the lattice. */
export interface Segment {
  readonly example: number;
  readonly pixels: Uint8Array | Int16Array | Int32Array;
  readonly from: number;
  readonly to: number;
}

export interface CountRequest {
  readonly key: readonly [number, number];
  readonly phase: Phase;
  readonly segments: readonly Segment[];
  /**
   * Whether a batch may hold samples of several examples. Where not, sample s sits at position s mod batchSize among
   * its own example's samples.
   */
  readonly mixed: boolean;
}

export interface CountReply {
  /** For each segment its counts by class; the last entry counts the samples that gave NaN. */
  readonly counts: readonly Uint32Array[];
  readonly batches: number;
  /** Time in which the device had a batch to compute, in milliseconds. */
  readonly inferenceMs: number;
}

export interface ProbeReply {
  /** SHA-256 of the logits on the fixed probe batch. */
  readonly probe: string;
  /** Whether an input's logits were the same to the last bit at every place of the batch, beside any others. */
  readonly batchInvariant: boolean;
  /** The largest difference found between them, as a share of the largest logit. */
  readonly batchDifference: number;
  readonly runtime: string;
  /** What the device calls itself, where it has a name. */
  readonly card?: string;
}

export type RequestMessage =
  | { readonly id: number; readonly type: 'setup'; readonly setup: ModelSetup }
  | { readonly id: number; readonly type: 'count'; readonly request: CountRequest };

export type ReplyMessage =
  | { readonly id: number; readonly ok: true; readonly value: ProbeReply | CountReply }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: 'InvalidModel' | 'ModelProcessFailed';
      readonly message: string;
    };
