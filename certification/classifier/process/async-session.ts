/** Batches on a device at a time: while one is computed, the next is uploaded and its kernels are queued. */
export const LANES = 2;

export type TensorData = Int16Array | Int32Array | Float32Array;

/** A tensor on memory of this process, whose address stays. */
export interface BoundTensor<Handle = unknown> {
  readonly data: TensorData;
  readonly handle: Handle;
}

/** A fused model whose runs don't block this thread; several may be under way at once. */
export interface AsyncSession<Handle = unknown> {
  /** Lets runs read or write this memory, which the caller keeps for as long as the session. */
  tensor(data: TensorData, dims: readonly number[]): BoundTensor<Handle>;
  /** Runs the model on tensors by their names, into others. @throws Error with the runtime's message. */
  run(inputs: NamedTensors<Handle>, outputs: NamedTensors<Handle>): Promise<void>;
  close(): void;
}

export type NamedTensors<Handle = unknown> = Readonly<Record<string, BoundTensor<Handle>>>;
