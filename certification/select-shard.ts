import { drawShard } from './draw-shard.ts';
import { phases } from './noise/phases.ts';
import { runKeys } from './records/run-keys.ts';
import { openShard, type ShardCost, type ShardTask } from './shard-task.ts';

/** The selection's guesses of a shard, an entry an example; null where there is none, with the reason in `failures`. */
export interface Selection {
  readonly guesses: readonly (number | null)[];
  readonly failures: readonly { readonly position: number; readonly reason: string }[];
}

export type SelectionResult =
  | { readonly status: 'selected'; readonly selection: Selection; readonly cost: ShardCost }
  /** The shard's certificates are in the store already. */
  | { readonly status: 'certified' };

/**
 * The selection of a shard: the first n0 samples of each example guess its top class (Cohen et al. 2019, §3.2.2).
 * Ties go to the lower class. PREDICT has no selection; its guesses are all null.
 */
export async function selectShard(task: ShardTask): Promise<SelectionResult> {
  const { plan, shard, store } = task;
  const { sampling } = plan.claim;
  if (await store.has(runKeys.shard(plan.run, shard))) return { status: 'certified' };
  const started = performance.now();
  const { pool, examples, key, mixed } = await openShard(task);
  if (sampling.mode === 'predict') {
    const cost = { samples: 0, batches: 0, inferenceMs: 0, wallMs: performance.now() - started };
    return { status: 'selected', selection: { guesses: examples.map(() => null), failures: [] }, cost };
  }
  const opened = performance.now();
  const { outcomes, metrics } = await drawShard({
    ...task,
    pool,
    key,
    mixed,
    examples,
    phase: phases.selection,
    samples: sampling.n0,
    finish: topClass,
  });
  const failures: { position: number; reason: string }[] = [];
  const guesses = outcomes.map((outcome, position) => {
    if (outcome.status === 'givenUp') failures.push({ position, reason: outcome.reason });
    else if (outcome.numbers.length > 0) return outcome.numbers[0];
    else failures.push({ position, reason: `the model gave NaN for all ${sampling.n0} samples of the selection` });
    return null;
  });
  return {
    status: 'selected',
    selection: { guesses, failures },
    cost: { ...metrics, wallMs: performance.now() - opened },
  };
}

/** The class of the largest count, the lower one on a tie; nothing where every sample gave NaN. */
function topClass(counts: readonly number[]): number[] {
  let top = 0;
  for (let k = 1; k < counts.length - 1; k++) if (counts[k] > counts[top]) top = k;
  return counts[top] > 0 ? [top] : [];
}
