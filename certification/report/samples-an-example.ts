import type { Summary } from '../records/summary.ts';

/** Samples an example, in whole numbers. */
export interface SamplesAnExample {
  /** On average over the examples that didn't fail, rounded up. */
  readonly mean: number;
  /** n0 + n, where the mode is sequential. */
  readonly most: number | undefined;
  /** What skipping misclassified examples saved, on the same average: in sequential mode at most, rounded up; else rounded down. */
  readonly saved: number;
}

/** What a run cost, apart from it what skipping misclassified examples saved. */
export function samplesAnExample(summary: Summary): SamplesAnExample {
  const { mode, examples, failed, samples, skippedSamples, mostSamples } = summary;
  const counted = Math.max(1, examples - failed);
  const saved = skippedSamples / counted;
  return {
    mean: Math.ceil(samples / counted),
    most: mostSamples === undefined ? undefined : mostSamples / examples,
    saved: mode === 'sequential' ? Math.ceil(saved) : Math.floor(saved),
  };
}
