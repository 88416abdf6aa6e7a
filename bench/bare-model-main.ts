/** A process that runs a bare model over and over: what a sampler is measured against. */
import { InferenceSession, Tensor, env } from 'onnxruntime-node';
import { sessionOptions } from '../certification/classifier/process/session-options.ts';
import type { BareAnswer, BareRequest, BareSetup } from './bare-model.ts';
import { openBoundModel } from './bound-model.ts';

/** As many as a sampler has batches on a GPU at a time. */
const LANES = 2;

/** Each runs the model once; those of several lanes may be under way together. */
let runs: readonly (() => Promise<unknown>)[] = [];
/** Memory that runs read, which must stay. */
let fed: Float32Array | undefined;

process.on('message', (message: BareRequest) => {
  answer(message).then(
    (value) => process.send?.({ value } satisfies BareAnswer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

async function answer(message: BareRequest): Promise<string | number> {
  if ('milliseconds' in message) return runsPerSecond(message.milliseconds);
  const runtime = message.onDevice === undefined ? await openRun(message) : openBound(message, message.onDevice);
  await Promise.all(runs.map((run) => run()));
  return `onnxruntime-node ${runtime}`;
}

async function openRun(setup: BareSetup): Promise<string> {
  const session = await InferenceSession.create(setup.model, sessionOptions(setup));
  const { input, output } = setup;
  const feeds = input === undefined ? {} : { [input.name]: new Tensor('float32', values(input.dims), [...input.dims]) };
  runs = [() => session.run(feeds, [output])];
  return env.versions.node ?? env.versions.common;
}

function openBound(setup: BareSetup, { arithmetic }: NonNullable<BareSetup['onDevice']>): string {
  const { model, input, output, threads, device } = setup;
  if (input === undefined) throw new Error('Only a model with an input can have it on the device.');
  fed = values(input.dims);
  const bound = openBoundModel(model, {
    threads,
    cuda: arithmetic && { deviceId: device.id, arithmetic },
    input: { ...input, data: fed },
    output,
    lanes: LANES,
  });
  ({ runs } = bound);
  return bound.version;
}

async function runsPerSecond(milliseconds: number): Promise<number> {
  const started = performance.now();
  let done = 0;
  const work = async (run: () => Promise<unknown>) => {
    while (performance.now() - started < milliseconds) {
      await run();
      done++;
    }
  };
  await Promise.all(runs.map(work));
  return done / ((performance.now() - started) / 1_000);
}

function values(dims: readonly number[]): Float32Array {
  const size = dims.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length: size }, (_, at) => ((at * 2654435761) % 256) / 255);
}
