import { PerimeterError } from '../perimeter-error.ts';
import { requirePlan } from '../plan-run.ts';
import { readShards } from '../read-rows.ts';
import { normOf } from '../records/norm.ts';
import { readSummary } from '../read-summary.ts';
import { certifySampling } from '../report/certify-sampling.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { NOT_REPLAYABLE } from '../report/not-replayable.ts';
import { SIMULATED } from '../report/simulated.ts';
import type { Store } from '../storage/store.ts';

/**
 * The results of a finished run of CERTIFY, as tables and comparisons take them.
 *
 * @param generation of its results; by default the newest.
 * @throws PerimeterError `NotFound` where the run isn't finished; `InvalidRequest` where it is of PREDICT.
 */
export async function readRunResults(store: Store, run: string, generation?: number): Promise<CertifiedResults> {
  const plan = await requirePlan(store, run);
  const { claim, request } = plan;
  const { summary, generation: read } = await readSummary(store, run, generation);
  if (summary.mode === 'predict') {
    throw new PerimeterError(
      'InvalidRequest',
      `Run ${run} is of mode "predict", which has no radii: expected one of mode "fixed" or "sequential".`,
    );
  }
  const { mode, n0, n, alpha, rho } = certifySampling(claim);
  const { sigma, lambda } = claim.noise;
  const { count } = claim.dataset;
  const indices = new Float64Array(count);
  const labels = new Int32Array(count);
  const radii = new Float64Array(count);
  let at = 0;
  for await (const { rows } of readShards({ store, plan, failedShards: [], generation: read })) {
    for (const row of rows) {
      indices[at] = row.index;
      labels[at] = row.label;
      radii[at] = row.correct && 'radius' in row ? row.radius : -1;
      at += 1;
    }
  }
  return {
    name: run,
    model: claim.stub === undefined ? request.model.split('/').at(-1) : 'stub',
    setting: {
      mode,
      norm: normOf(claim),
      law: lambda === undefined ? 'gaussian' : 'uniform',
      scale: lambda ?? sigma,
      n0,
      n,
      alpha,
      rho,
    },
    summary,
    indices,
    labels,
    radii,
    dataset: claim.dataset,
    notes: [
      ...(summary.simulated ? [SIMULATED] : []),
      ...(summary.replayable === false ? [NOT_REPLAYABLE] : []),
      ...(summary.failed > 0 ? [`${summary.failed} examples failed and count as not certified.`] : []),
    ],
  };
}
