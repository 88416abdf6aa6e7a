import { largestOther, largestOtherWithLost, topClass } from './classifier/class-counts.ts';
import type { Looks } from './classifier/tally.ts';
import type { DrawMetrics } from './classifier/draw-counts.ts';
import { drawShard, type Drawing, type Outcome } from './draw-shard.ts';
import { nanReason } from './failure-reasons.ts';
import type { LatticeExample } from './lattice-example.ts';
import { lookTable } from './look-table.ts';
import {
  certificate,
  failedCertificate,
  failedPrediction,
  prediction,
  sequentialCertificate,
  skippedCertificate,
} from './make-row.ts';
import { markRow } from './mark-row.ts';
import { phases } from './noise/phases.ts';
import type { Row } from './records/certificate.ts';
import { hasReplayableNoise, type Claim } from './records/claim.ts';
import type { Selection } from './select-examples.ts';
import { looks } from './smoothing/looks.ts';
import { sequentialDecisions } from './smoothing/sequential-decisions.ts';

/**
 * The estimation: fresh samples bound the probability of each example's selected class (Cohen et al. 2019, §3.2.2), in sequential mode
 * until each radius of the claim is decided.
 *
 * @returns a row for each example, in their order, and what drawing cost.
 */
export async function estimateExamples(
  claim: Claim,
  { selection, ...drawing }: Drawing & { selection: Selection },
): Promise<{ rows: Row[]; metrics: DrawMetrics }> {
  const { examples } = drawing;
  const about = new Map(examples.map((example, at) => [example.index, { example, guess: selection.guesses[at] }]));
  const of = (index: number) => {
    const found = about.get(index);
    if (found === undefined) throw new Error(`Example ${index} is none of those to be estimated.`);
    return found;
  };
  const estimated = examples.filter(
    (example) =>
      example.unreadable === undefined && isEstimated(claim.sampling, of(example.index).guess, example.label),
  );
  const { outcomes, metrics } = await drawShard({
    ...drawing,
    examples: estimated,
    phase: phases.estimation,
    looks: looksOf(claim, of),
    finish: ({ counts, seen, example }) => {
      const { guess } = of(example);
      const top = guess ?? topClass(counts);
      const runnerUp = hasReplayableNoise(claim) ? largestOther(counts, top) : largestOtherWithLost(counts, top);
      return claim.sampling.mode === 'sequential' ? [runnerUp, ...seen] : [top, counts[top], runnerUp];
    },
  });
  const outcomeOf = new Map(estimated.map(({ index }, at) => [index, outcomes[at]]));
  const reasonOf = new Map(selection.failures.map(({ position, reason }) => [position, reason]));
  const rows = examples.map((example, position) =>
    markRow(
      makeRow({
        claim,
        example,
        guess: selection.guesses[position],
        outcome: outcomeOf.get(example.index),
        reason: reasonOf.get(position),
      }),
      claim,
    ),
  );
  return { rows, metrics };
}

function isEstimated(sampling: Claim['sampling'], guess: number | null, label: number): boolean {
  if (sampling.mode === 'predict') return true;
  return guess !== null && !(sampling.skipMisclassified && guess !== label);
}

/** One look at the end, or in sequential mode looks at the guess's count until all radii are decided. */
function looksOf(
  claim: Claim,
  of: (index: number) => { readonly example: LatticeExample; readonly guess: number | null },
): Looks {
  const { sampling } = claim;
  if (sampling.mode !== 'sequential') return { at: [sampling.n] };
  return {
    at: looks(sampling.n),
    see: ({ example, counts }) => counts[of(example).guess ?? 0],
    isOver: ({ example, seen }) => {
      const table = lookTable(claim, sampling, of(example).example.moved);
      return sequentialDecisions(table, looksTaken(seen)).length === sampling.radii.length;
    },
  };
}

function looksTaken(seen: readonly number[]) {
  return seen.map((count, at) => ({ look: at + 1, count }));
}

function makeRow({
  claim,
  example,
  guess,
  outcome,
  reason,
}: {
  claim: Claim;
  example: LatticeExample;
  guess: number | null;
  outcome: Outcome | undefined;
  reason: string | undefined;
}): Row {
  const { sampling, noise } = claim;
  if (sampling.mode === 'predict') {
    if (outcome?.status !== 'drawn') {
      return failedPrediction(example, outcome?.reason ?? reason ?? 'it was not drawn');
    }
    const [top, count, runnerUpCount] = outcome.numbers;
    if (count === 0) return failedPrediction(example, nanReason(sampling.n));
    return prediction({ example, sampling, noise, counts: { top, count, runnerUpCount } });
  }
  const { mode } = sampling;
  if (guess === null) return failedCertificate({ example, mode, reason: reason ?? 'it was not selected' });
  if (outcome === undefined) return skippedCertificate({ example, mode, selected: guess });
  if (outcome.status === 'givenUp') return failedCertificate({ example, mode, reason: outcome.reason });
  if (sampling.mode === 'sequential') {
    const [runnerUpCount, ...seen] = outcome.numbers;
    return sequentialCertificate({ claim, sampling, example, selected: guess, looks: looksTaken(seen), runnerUpCount });
  }
  const [, count, runnerUpCount] = outcome.numbers;
  return certificate({ claim, sampling, example, selected: guess, counts: { count, runnerUpCount } });
}
