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
  /** Reads a lattice batch and writes one output. @throws Error with the runtime's message. */
  run(lattice: BoundTensor<Handle>, output: 'top_class' | 'logits', to: BoundTensor<Handle>): Promise<void>;
  close(): void;
}
