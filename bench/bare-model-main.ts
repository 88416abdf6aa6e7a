/** A process that runs a bare model over and over: what a sampler is measured against. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { cpu } from '../certification/records/device.ts';
import { sessionOptions } from '../certification/classifier/session-options.ts';

export interface BareSetup {
  readonly model: Uint8Array;
  readonly input: string;
  readonly output: string;
  readonly dims: readonly number[];
  readonly threads: number;
}

let run: (() => Promise<unknown>) | undefined;
let batchSize = 0;

process.on('message', (message: BareSetup | { milliseconds: number }) => {
  void answer(message).then((value) => process.send?.(value));
});
process.on('disconnect', () => process.exit(0));

async function answer(message: BareSetup | { milliseconds: number }) {
  if ('model' in message) {
    const session = await InferenceSession.create(message.model, sessionOptions({ ...message, device: cpu }));
    const size = message.dims.reduce((product, side) => product * side, 1);
    const data = Float32Array.from({ length: size }, (_, at) => ((at * 2654435761) % 256) / 255);
    const feeds = { [message.input]: new Tensor('float32', data, [...message.dims]) };
    batchSize = message.dims[0];
    run = () => session.run(feeds, [message.output]);
    await run();
    return 'ready';
  }
  const started = performance.now();
  let samples = 0;
  while (performance.now() - started < message.milliseconds) {
    await run?.();
    samples += batchSize;
  }
  return samples / ((performance.now() - started) / 1_000);
}
