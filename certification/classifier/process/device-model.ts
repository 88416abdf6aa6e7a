import type { CountReply, CountRequest, ProbeReply } from './model-process-messages.ts';

/** A fused model loaded on a device. */
export interface DeviceModel {
  readonly probe: ProbeReply;
  /** Draws and classifies samples; requests are answered in the order in which they come. */
  count(request: CountRequest): Promise<CountReply>;
}

/** The runtime's own objection to a model. */
export class RefusedModel extends Error {}
