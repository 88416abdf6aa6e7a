import { PerimeterError } from '../perimeter-error.ts';

/** Kinds of devices that run models; ONNX Runtime calls each an execution provider. */
export const deviceKinds = ['cpu', 'cuda', 'webgpu'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** What runs a model: this machine's CPU, one of its NVIDIA GPUs, or the GPU that WebGPU finds first. */
export interface Device {
  readonly kind: DeviceKind;
  /** Which one of its kind, from 0, as CUDA numbers them; always 0 for others. */
  readonly id: number;
}

export const cpu: Device = { kind: 'cpu', id: 0 };

/**
 * Reads a device: `cpu`, `cuda` (the first GPU), `cuda:1`, or `webgpu`. WebGPU has no numbers for GPUs: ONNX Runtime takes
 * the one that it is offered first.
 *
 * @throws PerimeterError `InvalidRequest`.
 */
export function parseDevice(text: string): Device {
  if (text === 'cpu') return cpu;
  if (text === 'webgpu') return { kind: 'webgpu', id: 0 };
  const gpu = /^cuda(?::(\d{1,3}))?$/.exec(text);
  if (gpu !== null) {
    const [, id = '0'] = gpu;
    return { kind: 'cuda', id: Number(id) };
  }
  throw new PerimeterError(
    'InvalidRequest',
    `The device is "${text}", but must be cpu, webgpu, cuda, or cuda: and the number of a GPU, as in cuda:0.`,
  );
}

/** Why a device other than CUDA can't draw noise itself, to end a sentence with. */
export function noDeviceNoise(kind: DeviceKind): string {
  const why =
    kind === 'cpu'
      ? "ONNX Runtime's generator on the CPU is a 31-bit linear congruential one, which one ImageNet example would run through nine times"
      : 'ONNX Runtime has no generator there';
  return `${why}. Use exact noise, or CUDA.`;
}
