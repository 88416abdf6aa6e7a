import type { LatticeElementType } from './noise/lattice-element-type.ts';
import type { DeviceKind } from './records/device.ts';

/** The narrowest integers that a device takes a batch in: shaders of WebGPU know none of 16 bits. */
export function narrowestLattice(device: DeviceKind): LatticeElementType {
  return device === 'webgpu' ? 'int32' : 'int16';
}
