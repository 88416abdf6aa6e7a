import { PerimeterError } from './perimeter-error.ts';
import type { Request } from './records/request.ts';
import { leastN } from './smoothing/least-n.ts';
import { leastPredictN } from './smoothing/least-predict-n.ts';
import { leastSequentialN } from './smoothing/least-sequential-n.ts';

/**
 * Refuses a request that could never answer, before anything is read or drawn.
 *
 * @param margin the noise budget, where it is known already.
 * @throws PerimeterError `InvalidRequest` with the least n that can answer at the request's alpha.
 */
export function checkRequest(
  { mode, n, alpha, bound, sigma, radii }: Pick<Request, 'mode' | 'n' | 'alpha' | 'bound' | 'sigma' | 'radii'>,
  margin = 0,
) {
  // Exact noise has one of 1e-13.
  const dueTo = margin > 1e-6 ? ` with a noise budget of ${margin}: use exact noise` : '';
  const refuse = (least: number, answer: string) => {
    if (n >= least) return;
    throw new PerimeterError(
      'InvalidRequest',
      `n = ${n} is too small ever to ${answer} at alpha = ${alpha}, even if all samples agree: ` +
        (Number.isFinite(least) ? `take n ≥ ${least}.` : `no n is enough${dueTo}.`),
    );
  };
  if (mode === 'predict') {
    refuse(leastPredictN(alpha), 'predict');
    if (n * margin < alpha) return;
    throw new PerimeterError(
      'InvalidRequest',
      `PREDICT takes n times the noise budget, ${n} × ${margin}, off alpha = ${alpha}, and nothing is left: use exact noise.`,
    );
  }
  if (margin >= 0.5) {
    throw new PerimeterError(
      'InvalidRequest',
      `With a noise budget of ${margin} no n is enough to certify anything: use exact noise, or a smaller sigma.`,
    );
  }
  if (radii === undefined) refuse(leastN({ alpha, margin, bound }), 'certify');
  // The largest radius needs most.
  else
    refuse(
      leastSequentialN({ radius: radii[radii.length - 1], sigma, alpha, margin }),
      `certify the radius ${radii[radii.length - 1]}`,
    );
}
