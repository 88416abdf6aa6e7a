/** A process that runs a bare model over and over: what a sampler is measured against. */
import { InferenceSession, Tensor, env } from 'onnxruntime-node';
import { sessionOptions } from '../certification/classifier/session-options.ts';
import type { BareAnswer, BareRequest, BareSetup } from './bare-model.ts';

let run: (() => Promise<unknown>) | undefined;

process.on('message', (message: BareRequest) => {
  answer(message).then(
    (value) => process.send?.({ value } satisfies BareAnswer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

async function answer(message: BareRequest) {
  if ('model' in message) {
    const session = await InferenceSession.create(message.model, sessionOptions(message));
    const feeds = message.input === undefined ? {} : feedsOf(message.input);
    run = () => session.run(feeds, [message.output]);
    await run();
    return `onnxruntime-node ${env.versions.node ?? env.versions.common}`;
  }
  const started = performance.now();
  let runs = 0;
  while (performance.now() - started < message.milliseconds) {
    await run?.();
    runs++;
  }
  return runs / ((performance.now() - started) / 1_000);
}

function feedsOf({ name, dims }: NonNullable<BareSetup['input']>): Record<string, Tensor> {
  const size = dims.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length: size }, (_, at) => ((at * 2654435761) % 256) / 255);
  return { [name]: new Tensor('float32', data, [...dims]) };
}
