/**
 * The process that holds the model. A fault of the runtime or of the device ends its process, so it happens here and not
 * where heartbeats are sent. Speaks model-process-messages.ts over the IPC channel.
 */
import type { DeviceKind } from '../../records/device.ts';
import { loadBindingModel } from './binding-model.ts';
import { RefusedModel, type DeviceModel } from './device-model.ts';
import type { CountReply, ModelSetup, ProbeReply, ReplyMessage, RequestMessage } from './model-process-messages.ts';
import { loadWebGpuModel } from './webgpu-model.ts';

let model: DeviceModel | undefined;
let deviceKind: DeviceKind = 'cpu';

async function setUp(setup: ModelSetup): Promise<ProbeReply> {
  deviceKind = setup.device.kind;
  if (deviceKind === 'cuda') {
    const { loadCudaModel } = await import('./cuda/cuda-model.ts');
    model = await loadCudaModel(setup);
  } else if (setup.deviceNoise !== undefined) {
    const { loadCpuNoiseModel } = await import('./cpu-noise-model.ts');
    model = await loadCpuNoiseModel(setup);
  } else model = await (deviceKind === 'webgpu' ? loadWebGpuModel : loadBindingModel)(setup);
  return model.probe;
}

async function answer(message: RequestMessage): Promise<ProbeReply | CountReply> {
  if (message.type === 'setup') return setUp(message.setup);
  if (model === undefined) throw new Error('The model process was asked for counts before it had a model.');
  return model.count(message.request);
}

process.on('message', (message: RequestMessage) => {
  answer(message).then(
    (value) => {
      reply({ id: message.id, ok: true, value });
    },
    (error: unknown) => {
      const code = error instanceof RefusedModel ? 'InvalidModel' : 'ModelProcessFailed';
      // A GPU seldom recovers within the process that met its fault; another one starts afresh.
      const isLast = message.type === 'count' && deviceKind !== 'cpu';
      const reason = error instanceof Error ? error.message : String(error);
      reply({ id: message.id, ok: false, code, message: reason }, isLast ? () => process.exit(1) : undefined);
    },
  );
});
// Without its parent it has nobody to answer.
process.on('disconnect', () => process.exit(0));
// An interrupt at the terminal reaches the whole group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

/** @param then called when the message is on its way. */
function reply(message: ReplyMessage, then?: () => void) {
  process.send?.(message, undefined, undefined, then);
}
