import { performance } from 'node:perf_hooks';
import type { Dataset } from '../datasets/dataset.ts';
import type { Row } from '../records/certificate.ts';
import type { Plan } from '../records/plan.ts';
import { openClaimPool, type LoadedModel, type Sampler } from '../sampler.ts';
import { checkArithmetic, checkReplay } from './check-replay.ts';
import { checkDecoder } from './check-inputs.ts';
import { failed, noted, type Check } from './check.ts';
import { chooseRows, isReplayable, replayExamples } from './replay-examples.ts';

/** What to draw anew, and by what. */
export interface ReplayOptions {
  readonly sampler: Sampler;
  /** The share of the examples to draw anew, 0 to 1. */
  readonly replay: number;
  /** Chooses which. */
  readonly replaySeed: string;
  readonly onReplay?: ((replayed: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Draws a share of the rows anew and compares them; tells whether this machine computes as the run's did, and which rows failed.
 *
 * @param tell of the checks on the way; the replay's own is returned.
 * @throws PerimeterError where the model can't be run here.
 */
export async function replayRows({
  plan: { claim },
  rows,
  model,
  dataset,
  sampler,
  replay,
  replaySeed,
  tell,
  onReplay,
  signal,
}: ReplayOptions & {
  plan: Plan;
  rows: readonly Row[];
  model: LoadedModel;
  dataset: Dataset;
  tell: (check: Check) => void;
}): Promise<Check> {
  const pool = await openClaimPool(sampler, claim, model);
  const arithmetic = checkArithmetic(claim, pool);
  tell(arithmetic);
  const decoder = claim.dataset.images === null ? undefined : checkDecoder(claim, dataset);
  if (decoder !== undefined) tell(decoder);
  const lost = rows.filter((row) => !isReplayable(row));
  if (lost.length > 0) {
    const [{ index, reason }] = lost;
    tell(noted('failures', `${lost.length} of ${rows.length}, not replayed; example ${index}: ${reason ?? ''}`));
  }
  const chosen = chooseRows(rows, { share: replay, seed: replaySeed });
  if (chosen.length === 0) return failed('replay', 'there is no row that can be replayed');
  const started = performance.now();
  const replayed = await replayExamples({
    claim,
    pool,
    dataset,
    indices: chosen.map(({ index }) => index),
    onProgress: (done) => onReplay?.(done, chosen.length),
    signal,
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const exact = arithmetic.status === 'passed' && (decoder === undefined || decoder.status === 'passed');
  const of = `${chosen.length} of ${rows.length} examples in ${seconds} s, seed ${replaySeed}`;
  return checkReplay({ rows: chosen, replayed, exact, of });
}
