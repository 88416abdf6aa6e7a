import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchArguments } from './arguments.ts';
import type { BenchmarkedModel } from './benchmarked-model.ts';
import type { Entrant } from './contender.ts';
import { countMultiplyAdds } from './count-multiply-adds.ts';
import { entrants, PUBLISHED_BATCH } from './entrants.ts';
import { figuresOf } from './figures-of.ts';
import { groupsOf, type Group } from './groups-of.ts';
import type { LineProcess } from './line-process.ts';
import { cudaLibraries, describeMachine } from './machine.ts';
import { matrixPeak } from './matrix-peak.ts';
import type { Result } from './results.ts';
import type { Precision } from './settings.ts';
import { takeTurns } from './take-turns.ts';
import { watchDevice } from './watch-device.ts';
import { writeWeights } from './write-weights.ts';

/** Loading a model takes seconds; cuDNN's search for the fastest convolutions some tens. */
const WITHIN_MS = 60_000;
/** How long matrices are multiplied to find the peak. */
const PEAK_SECONDS = 1;

/** A model, made once for all that is measured with it. */
interface MadeModel {
  readonly bytes: Uint8Array;
  /** The folder of its weights. */
  readonly weights: string;
  /** Floating-point operations of one sample. */
  readonly flops: number;
}

/** Measures all that was asked for, and tells each result as soon as it is there. */
export async function measureModels(options: {
  asked: BenchArguments;
  torch: LineProcess;
  /** For files in between. */
  folder: string;
  add: (result: Result) => void;
}): Promise<void> {
  const { asked, torch, folder, add } = options;
  const { device } = asked;
  const endsAt = performance.now() + 60_000 * asked.minutes;
  const watch = device.kind === 'cpu' ? undefined : watchDevice(device.id);
  const made = new Map<BenchmarkedModel, MadeModel>();
  const publishedRates = new Map<BenchmarkedModel, number>();

  const measureGroup = async (group: Group, peaks: ReadonlyMap<Precision, number>) => {
    const { model } = group;
    const { bytes, weights, flops } = made.get(model) ?? (await makeModel(model, folder));
    made.set(model, { bytes, weights, flops });
    const entered = entrants({
      ...group,
      bytes,
      weights,
      device,
      torch,
      bothLayouts: asked.bothLayouts,
      publishedBatch: asked.publishedBatch ?? PUBLISHED_BATCH,
      onRuntime: (runtime, pid) => {
        add({ type: 'runtime', runtime, libraries: cudaLibraries(pid) });
      },
    });
    const keyOf = ({ what, batch, precision }: Entrant) => ({ model: model.title, precision, batch, what });
    const outcomes = await takeTurns({
      entrants: entered,
      rounds: asked.rounds,
      seconds: asked.seconds,
      within: WITHIN_MS,
      isLate: () => performance.now() > endsAt,
      onTurn: (entrant, round, { samplesPerSecond }) => {
        add({ type: 'turn', round, samplesPerSecond, ...keyOf(entrant) });
      },
    });
    for (const [at, outcome] of outcomes.entries()) {
      if (entered[at].role === 'published' && outcome.status === 'measured') {
        publishedRates.set(model, outcome.samplesPerSecond);
      }
    }
    for (const [at, outcome] of outcomes.entries()) {
      const published = entered[at].role === 'published' ? undefined : publishedRates.get(model);
      const peak = peaks.get(entered[at].precision);
      const figures = figuresOf(outcome, { readings: watch?.readings ?? [], flops, peak, published });
      add({ type: 'row', ...keyOf(entered[at]), ...figures });
    }
  };

  try {
    add({ type: 'machine', ...(await describeMachine(device, torch)) });
    const peaks = await measurePeaks(options);
    for (const group of groupsOf(asked)) await measureGroup(group, peaks);
  } finally {
    watch?.stop();
  }
}

async function measurePeaks({
  asked: { device, precisions, peakSide },
  torch,
  add,
}: {
  asked: BenchArguments;
  torch: LineProcess;
  add: (result: Result) => void;
}): Promise<Map<Precision, number>> {
  const peaks = new Map<Precision, number>();
  for (const precision of precisions) {
    try {
      const peak = await matrixPeak({ device, precision, side: peakSide, seconds: PEAK_SECONDS, torch });
      peaks.set(precision, peak.flops);
      add({ type: 'peak', precision, ...peak });
    } catch (error) {
      add({ type: 'peak-failed', precision, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return peaks;
}

async function makeModel(model: BenchmarkedModel, folder: string): Promise<MadeModel> {
  const bytes = model.make();
  const weights = await mkdtemp(join(folder, `${model.name}-`));
  await writeWeights(bytes, weights);
  return { bytes, weights, flops: 2 * countMultiplyAdds(bytes) };
}
