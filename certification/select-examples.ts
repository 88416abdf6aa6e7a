import { topClass } from './classifier/class-counts.ts';
import type { DrawMetrics } from './classifier/draw-counts.ts';
import { drawShard, type Drawing } from './draw-shard.ts';
import { nanReason } from './failure-reasons.ts';
import { phases } from './noise/phases.ts';
import type { Claim } from './records/claim.ts';

/** The selection's guesses, an entry an example; null where there is none, with the reason in `failures`. */
export interface Selection {
  readonly guesses: readonly (number | null)[];
  readonly failures: readonly { readonly position: number; readonly reason: string }[];
}

/**
 * The selection: the first n0 samples of each example guess its top class (Cohen et al. 2019, §3.2.2). Ties go to the lower class.
 * PREDICT has no selection; its guesses are all null.
 */
export async function selectExamples(
  { sampling }: Pick<Claim, 'sampling'>,
  drawing: Drawing,
): Promise<{ selection: Selection; metrics: DrawMetrics }> {
  const { examples } = drawing;
  const failures = examples.flatMap(({ unreadable }, position) =>
    unreadable === undefined ? [] : [{ position, reason: unreadable }],
  );
  if (sampling.mode === 'predict') {
    const guesses = examples.map(() => null);
    return { selection: { guesses, failures }, metrics: { samples: 0, batches: 0, inferenceMs: 0 } };
  }
  const readable = examples.filter(({ unreadable }) => unreadable === undefined);
  const { outcomes, metrics } = await drawShard({
    ...drawing,
    examples: readable,
    phase: phases.selection,
    looks: { at: [sampling.n0] },
    finish: ({ counts }) => {
      const top = topClass(counts);
      return counts[top] > 0 ? [top] : [];
    },
  });
  const outcomeOf = new Map(readable.map(({ index }, at) => [index, outcomes[at]]));
  const guesses = examples.map(({ index }, position) => {
    const outcome = outcomeOf.get(index);
    if (outcome?.status === 'givenUp') failures.push({ position, reason: outcome.reason });
    else if (outcome !== undefined && outcome.numbers.length > 0) return outcome.numbers[0];
    else if (outcome !== undefined) failures.push({ position, reason: nanReason(sampling.n0, 'of the selection') });
    return null;
  });
  return { selection: { guesses, failures }, metrics };
}
