import type { Device } from '../../certification/records/device.ts';
import { startBareModel } from '../bare-model.ts';
import { torchDevice } from './entrants.ts';
import type { LineProcess } from './line-process.ts';
import { matrixProduct, PRODUCTS } from './matrix-product.ts';
import { bareEnvironment, type Precision } from './settings.ts';

export interface MatrixPeak {
  /** Floating-point operations a second. */
  readonly flops: number;
  /** What multiplied. */
  readonly by: 'PyTorch' | 'ONNX Runtime';
}

interface PeakOptions {
  readonly device: Device;
  readonly precision: Precision;
  /** Of the matrices. */
  readonly side: number;
  readonly seconds: number;
  readonly torch: LineProcess;
}

/**
 * The rate that the device multiplies large square matrices at: what a network could reach at best. By PyTorch, or by ONNX
 * Runtime where PyTorch can't, and on a CPU, where PyTorch may have been built with plain loops for it.
 *
 * @throws Error where neither can
 */
export async function matrixPeak(options: PeakOptions): Promise<MatrixPeak> {
  const { device, precision, side, seconds, torch } = options;
  if (device.kind === 'cpu') return byRuntime(options);
  try {
    const asked = { device: torchDevice(device), precision, side, seconds };
    const { flops } = await torch.ask({ do: 'peak', ...asked });
    return { flops: Number(flops), by: 'PyTorch' };
  } catch {
    return byRuntime(options);
  }
}

async function byRuntime({ device, precision, side, seconds }: PeakOptions): Promise<MatrixPeak> {
  const model = matrixProduct({ side, half: precision === 'fp16' });
  const bare = await startBareModel({ model, output: 'mean', threads: 1, device }, bareEnvironment(precision));
  try {
    const runs = await bare.runsPerSecond(1_000 * seconds);
    return { flops: runs * PRODUCTS * 2 * side ** 3, by: 'ONNX Runtime' };
  } finally {
    bare.close();
  }
}
