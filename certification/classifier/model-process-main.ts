/**
 * The process that holds the model. A fault of the runtime or of the device ends its process, so it happens here and not
 * where heartbeats are sent. Speaks model-process-messages.ts over the IPC channel.
 */
import { loadBindingModel } from './binding-model.ts';
import { withOwnSeed } from './device-noise-model.ts';
import { RefusedModel, type DeviceModel } from './device-model.ts';
import type { CountReply, ModelSetup, ProbeReply, ReplyMessage, RequestMessage } from './model-process-messages.ts';

let model: DeviceModel | undefined;

async function setUp(given: ModelSetup): Promise<ProbeReply> {
  const setup = withOwnSeed(given);
  if (setup.device.kind === 'cuda') {
    const { loadCudaModel } = await import('./cuda/cuda-model.ts');
    model = await loadCudaModel(setup);
  } else model = await loadBindingModel(setup);
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
      reply({ id: message.id, ok: false, code, message: error instanceof Error ? error.message : String(error) });
    },
  );
});
// Without its parent it has nobody to answer.
process.on('disconnect', () => process.exit(0));
// An interrupt at the terminal reaches the whole group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

function reply(message: ReplyMessage) {
  process.send?.(message);
}
