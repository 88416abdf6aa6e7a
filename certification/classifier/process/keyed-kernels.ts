import { createNoiseKernel, type NoiseKernel } from '../../noise/noise-kernel.ts';

/**
 * Noise kernels by their key, of which the last one asked for is kept: a run has one key.
 *
 * @param options of `createNoiseKernel`, all but the key.
 */
export function keyedKernels(
  options: Omit<Parameters<typeof createNoiseKernel>[0], 'key'>,
): (key: readonly [number, number]) => Promise<NoiseKernel> {
  let last: { key: readonly [number, number]; kernel: NoiseKernel } | undefined;
  return async (key) => {
    if (last?.key[0] !== key[0] || last.key[1] !== key[1])
      last = { key, kernel: await createNoiseKernel({ ...options, key }) };
    return last.kernel;
  };
}
