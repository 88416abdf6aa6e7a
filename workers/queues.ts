import type { DeviceKind } from '../certification/records/device.ts';

/** Task queues: one for workflows and I/O, one for each kind of device. */
export const controlQueue = 'perimeter-control';

export function samplerQueue(device: DeviceKind): string {
  return `perimeter-sampler-${device}`;
}
