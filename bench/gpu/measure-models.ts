import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchArguments } from './arguments.ts';
import type { BenchmarkedModel } from './benchmarked-model.ts';
import { countMultiplyAdds } from './count-multiply-adds.ts';
import { meanReading, type Reading } from './device-readings.ts';
import { entrants, PUBLISHED_BATCH, type Group } from './entrants.ts';
import type { LineProcess } from './line-process.ts';
import { cudaLibraries, describeMachine } from './machine.ts';
import { matrixPeak } from './matrix-peak.ts';
import type { Result, Row } from './results.ts';
import type { Precision } from './settings.ts';
import { takeTurns, type Outcome } from './take-turns.ts';
import { watchDevice } from './watch-device.ts';
import { writeWeights } from './write-weights.ts';

/** Loading a model takes seconds; cuDNN's search for the fastest convolutions some tens. */
const WITHIN_MS = 90_000;
/** The share of a turn that a product of matrices is measured for. */
const PEAK_SECONDS = 1;

/** A model, made once for all that is measured with it. */
interface MadeModel {
  readonly bytes: Uint8Array;
  readonly weights: string;
  /** Of one sample. */
  readonly flops: number;
}

/** Measures all that was asked for, and tells each result as soon as it is there. */
export async function measureModels(options: {
  asked: BenchArguments;
  torch: LineProcess;
  /** For files in between. */
  folder: string;
  add: (result: Result) => Promise<void>;
}): Promise<void> {
  const { asked, torch, folder, add } = options;
  const { device, seconds, rounds } = asked;
  const endsAt = performance.now() + 60_000 * asked.minutes;
  const isLate = () => performance.now() > endsAt;

  await add({ type: 'machine', ...(await describeMachine(device, torch)) });
  const peaks = new Map<Precision, number>();
  for (const precision of asked.precisions) {
    try {
      const peak = await matrixPeak({ device, precision, side: asked.peakSide, seconds: PEAK_SECONDS, torch });
      peaks.set(precision, peak.flops);
      await add({ type: 'peak', precision, ...peak });
    } catch (error) {
      await add({ type: 'peak-failed', precision, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  const watch = device.kind === 'cpu' ? { readings: [], stop: () => undefined } : watchDevice(device.id);
  const made = new Map<BenchmarkedModel, MadeModel>();
  const publishedRates = new Map<BenchmarkedModel, number>();
  try {
    for (const group of groupsOf(asked)) {
      const { model, precision } = group;
      const { bytes, weights, flops } = made.get(model) ?? (await makeModel(model, folder));
      made.set(model, { bytes, weights, flops });
      const others = entrants({
        ...group,
        bytes,
        weights,
        device,
        torch,
        publishedBatch: asked.publishedBatch ?? PUBLISHED_BATCH,
        published: isFirstOf(model, group, groupsOf(asked)),
        onRuntime: (runtime, pid) => void add({ type: 'runtime', runtime, libraries: cudaLibraries(pid) }),
      });
      const keyOf = (at: number) => ({ model: model.title, precision, batch: others[at].batch, what: others[at].what });
      const outcomes = await takeTurns({
        entrants: others,
        rounds,
        seconds,
        within: WITHIN_MS,
        isLate,
        onTurn: (entrant, round, { samplesPerSecond }) =>
          void add({ type: 'turn', round, samplesPerSecond, ...keyOf(others.indexOf(entrant)) }),
      });
      const published = outcomes[others.findIndex(({ role }) => role === 'published')] as Outcome | undefined;
      if (published?.status === 'measured') publishedRates.set(model, published.samplesPerSecond);
      for (const [at, outcome] of outcomes.entries()) {
        const figures = figuresOf(outcome, {
          readings: watch.readings,
          flops,
          peak: peaks.get(precision),
          published: outcome === published ? undefined : publishedRates.get(model),
        });
        await add({ type: 'row', ...keyOf(at), ...figures });
      }
    }
  } finally {
    watch.stop();
  }
}

/** What matters most comes first, for where the time is short: a batch of each model in each precision, then other batches. */
function groupsOf({ models, precisions, batches }: BenchArguments): Group[] {
  const groups: Group[] = [];
  const most = Math.max(...models.map((model) => (batches ?? model.batches).length));
  for (let at = 0; at < most; at++) {
    for (const precision of precisions) {
      for (const model of models) {
        const own = batches ?? model.batches;
        if (at < own.length) groups.push({ model, precision, batch: own[at] });
      }
    }
  }
  return groups;
}

function isFirstOf(model: BenchmarkedModel, group: Group, groups: readonly Group[]): boolean {
  const first = groups.find((each) => each.model === model);
  return first?.precision === group.precision && first.batch === group.batch;
}

async function makeModel(model: BenchmarkedModel, folder: string): Promise<MadeModel> {
  const bytes = model.make();
  const weights = await mkdtemp(join(folder, `${model.name}-`));
  await writeWeights(bytes, weights);
  return { bytes, weights, flops: 2 * countMultiplyAdds(bytes) };
}

type Figures = Row extends infer Each
  ? Each extends Row
    ? Omit<Each, 'model' | 'precision' | 'batch' | 'what'>
    : never
  : never;

function figuresOf(
  outcome: Outcome,
  {
    readings,
    flops,
    peak,
    published,
  }: { readings: readonly Reading[]; flops: number; peak: number | undefined; published: number | undefined },
): Figures {
  if (outcome.status === 'failed') return outcome;
  const { samplesPerSecond, ofBare, turns } = outcome;
  const mean = meanReading(readings, turns);
  const inside = turns.flatMap(({ insideRuntime }) => insideRuntime ?? []);
  return {
    status: 'measured',
    samplesPerSecond,
    rounds: turns.map((turn) => turn.samplesPerSecond),
    ...(ofBare !== undefined && { ofBare }),
    ...(published !== undefined && { ofPublished: samplesPerSecond / published }),
    ...(inside.length > 0 && { insideRuntime: inside.reduce((sum, share) => sum + share, 0) / inside.length }),
    ...mean,
    ...(mean.watts !== undefined && { joulesPerSample: mean.watts / samplesPerSecond }),
    ...(peak !== undefined && { ofPeak: (samplesPerSecond * flops) / peak }),
  };
}
