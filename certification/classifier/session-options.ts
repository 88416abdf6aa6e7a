import type { InferenceSession } from 'onnxruntime-node';

/** How a model is run on the CPU. All of it decides rounding, so all of it is fixed here or named in the claim. */
export function sessionOptions({ threads }: { threads: number }): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Warnings of the optimizer are about the user's graph; errors arrive as exceptions.
    logSeverityLevel: 3,
    // An idle thread that spins would take the core of the next model process.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
