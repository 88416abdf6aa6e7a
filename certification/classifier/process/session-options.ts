import type { InferenceSession } from 'onnxruntime-node';
import type { Device } from '../../records/device.ts';

/** How a model is run on a device. All of it decides rounding, so all of it is fixed here or named in the claim. */
export function sessionOptions({
  threads,
  device,
}: {
  threads: number;
  device: Device;
}): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider(device)],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Warnings of the optimizer are about the user's graph; errors arrive as exceptions.
    logSeverityLevel: 3,
    // An idle thread that spins would take the core of the next model process.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // Else what a GPU has no kernel for runs on the CPU, in silence and slowly.
        ...(device.kind !== 'cpu' && { disable_cpu_ep_fallback: '1' }),
      },
    },
  };
}

function provider({ kind, id }: Device): InferenceSession.ExecutionProviderConfig {
  if (kind === 'cuda') return { name: kind, deviceId: id };
  // Without it a run that the GPU's memory is too short for doesn't fail, but answers what lies in the buffers.
  if (kind === 'webgpu') return { name: kind, validationMode: 'basic' };
  return kind;
}
