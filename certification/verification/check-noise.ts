import { claimNoiseKey } from '../claim-noise-key.ts';
import { latticeTable } from '../noise/lattice-table.ts';
import { deviceNoiseBudget } from '../noise/device-noise-budget.ts';
import { noiseBudget } from '../noise/noise-budget.ts';
import { claimedIndex, hasReplayableNoise } from '../records/claim.ts';
import type { Plan } from '../records/plan.ts';
import { uniformSigma } from '../smoothing/noise-scale.ts';
import { auditNoise } from './audit-noise.ts';
import { failed, noted, passed, type Check } from './check.ts';

/** Most examples whose noise is audited; of large inputs the first few are enough. */
const AUDITED = 256;

/**
 * Whether a run's noise follows the law that its claim names, within the budget that it states.
 *
 * @throws RangeError where the claim's numbers are none that noise can have.
 */
export async function checkNoise({ claim }: Plan): Promise<Check> {
  const { noise, model, dataset, sampling } = claim;
  const dimensions = model.shape.reduce((product, side) => product * side, 1);
  const replayable = hasReplayableNoise(claim);
  const { sigma, lambda } = noise;
  if (lambda !== undefined && sigma !== uniformSigma(lambda)) {
    return failed(
      'noise',
      `uniform noise of lambda ${lambda} has sigma ${uniformSigma(lambda)}, and the claim says ${sigma}`,
    );
  }
  const budget = replayable
    ? noiseBudget({ table: latticeTable(noise), dimensions })
    : deviceNoiseBudget({ ...noise, dimensions });
  if (budget !== noise.budget) return failed('noise', `its budget is ${budget}, and the claim says ${noise.budget}`);
  if (!replayable) return noted('noise', `CUDA's own generator drew it; the budget, ${budget}, is right`);
  const step = Math.max(1, Math.floor(dataset.count / AUDITED));
  const positions = Array.from({ length: Math.min(AUDITED, dataset.count) }, (_, at) => at * step);
  const audit = await auditNoise({
    noise,
    key: claimNoiseKey(claim),
    dimensions,
    examples: positions.map((position) => claimedIndex(claim, position)),
    samples: sampling.n,
  });
  const rate = `false alarms ${audit.falseAlarmRate.toExponential(0)}`;
  const fault = audit.tests.find((test) => !test.passed);
  return fault === undefined
    ? passed('noise', `${audit.draws.toLocaleString('en')} integers, ${audit.tests.length} tests (${rate})`)
    : failed('noise', `${fault.name}: p = ${fault.pValue.toExponential(1)} (${rate})`);
}
