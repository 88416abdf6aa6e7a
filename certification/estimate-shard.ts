import { drawShard, type Outcome } from './draw-shard.ts';
import type { LatticeExample } from './lattice-example.ts';
import { certificate, failedCertificate, failedPrediction, prediction, skippedCertificate } from './make-row.ts';
import { phases } from './noise/phases.ts';
import type { Row } from './records/certificate.ts';
import type { Claim } from './records/claim.ts';
import { putRows } from './put-rows.ts';
import type { Selection } from './select-shard.ts';
import { openShard, type ShardCost, type ShardTask } from './shard-task.ts';

/** What is passed on of a shard: its rows are in the store. */
export interface ShardResult {
  readonly shard: number;
  readonly examples: number;
  readonly failed: number;
  readonly cost: ShardCost;
}

/**
 * The estimation of a shard: fresh samples bound the probability of each example's selected class (Cohen et al. 2019,
 * §3.2.2), and the rows are written to the store.
 *
 * @throws PerimeterError `DeterminismViolation` where the shard is in the store with other bytes.
 */
export async function estimateShard(task: ShardTask & { selection: Selection }): Promise<ShardResult> {
  const { plan, shard, store, selection } = task;
  const { claim } = plan;
  const { pool, examples, key, mixed } = await openShard(task);
  const started = performance.now();
  const positions = new Map(examples.map(({ index }, position) => [index, position]));
  const guessOf = ({ index }: LatticeExample) => selection.guesses[positions.get(index) ?? -1];
  const estimated = examples.filter((example) => isEstimated(claim.sampling, guessOf(example), example.label));
  const { outcomes, metrics } = await drawShard({
    ...task,
    pool,
    key,
    mixed,
    examples: estimated,
    phase: phases.estimation,
    samples: claim.sampling.n,
    finish: (counts, example) => {
      const guess = guessOf(example);
      return guess === null ? twoLargest(counts) : [counts[guess], largestOther(counts, guess)];
    },
  });
  const outcomeOf = new Map(estimated.map(({ index }, at) => [index, outcomes[at]]));
  const reasonOf = new Map(selection.failures.map(({ position, reason }) => [position, reason]));
  const rows = examples.map((example, position) =>
    makeRow({
      claim,
      example,
      guess: selection.guesses[position],
      outcome: outcomeOf.get(example.index),
      reason: reasonOf.get(position),
    }),
  );
  await putRows({ store, plan, shard, rows });
  return {
    shard,
    examples: rows.length,
    failed: rows.filter(({ status }) => status === 'failed').length,
    cost: { ...metrics, wallMs: performance.now() - started },
  };
}

function isEstimated(sampling: Claim['sampling'], guess: number | null, label: number): boolean {
  if (sampling.mode === 'predict') return true;
  return guess !== null && !(sampling.skipMisclassified && guess !== label);
}

function makeRow({
  claim: { sampling, noise },
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
  if (sampling.mode === 'predict') {
    if (outcome?.status !== 'drawn') return failedPrediction(example, outcome?.reason ?? 'it was not drawn');
    const [top, count, runnerUpCount] = outcome.numbers;
    if (count === 0) return failedPrediction(example, `the model gave NaN for all ${sampling.n} samples`);
    return prediction({ example, sampling, noise, counts: { top, count, runnerUpCount } });
  }
  if (guess === null) return failedCertificate(example, reason ?? 'it was not selected');
  if (outcome === undefined) return skippedCertificate(example, guess);
  if (outcome.status === 'givenUp') return failedCertificate(example, outcome.reason);
  const [count, runnerUpCount] = outcome.numbers;
  return certificate({ example, sampling, noise, selected: guess, counts: { count, runnerUpCount } });
}

/** The largest count of another class; NaN, the last entry, counts as a class of its own. */
function largestOther(counts: readonly number[], guess: number): number {
  return counts.reduce((largest, count, k) => (k === guess ? largest : Math.max(largest, count)), 0);
}

/** The class of the largest count (the lower one on a tie), its count, and the largest other count. */
function twoLargest(counts: readonly number[]): number[] {
  let top = 0;
  for (let k = 1; k < counts.length - 1; k++) if (counts[k] > counts[top]) top = k;
  return [top, counts[top], largestOther(counts, top)];
}
