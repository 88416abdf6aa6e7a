import { ownNorm, toOwnNorm } from './convert-norm.ts';
import { PerimeterError } from './perimeter-error.ts';
import type { Request } from './records/request.ts';
import { leastN } from './smoothing/least-n.ts';
import { leastPredictN } from './smoothing/least-predict-n.ts';
import { leastSequentialN } from './smoothing/least-sequential-n.ts';

/**
 * Refuses a request that could never answer, before anything is read or drawn.
 *
 * @param known the noise budget, and the values of an example, where they are known already.
 * @throws PerimeterError `InvalidRequest` with the least n that can answer at the request's alpha.
 */
export function checkRequest(
  {
    mode,
    n,
    alpha,
    bound,
    sigma,
    lambda,
    norm = ownNorm({ lambda }),
    radii,
  }: Pick<Request, 'mode' | 'n' | 'alpha' | 'bound' | 'sigma' | 'lambda' | 'norm' | 'radii'>,
  { margin, dimensions }: { margin: number; dimensions: number } = { margin: 0, dimensions: 1 },
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
  if (radii === undefined) {
    refuse(leastN({ alpha, margin, bound }), 'certify');
    return;
  }
  // The largest radius needs most.
  const largest = radii[radii.length - 1];
  const radius = toOwnNorm(largest, { norm, lambda, dimensions });
  if (lambda !== undefined && radius >= lambda) {
    throw new PerimeterError(
      'InvalidRequest',
      `The radius ${largest} can never be certified by noise uniform on ±${lambda}, whose ℓ1 radii are all below lambda` +
        `${norm === 'l1' ? '' : ` (it takes one of ${radius})`}: take smaller radii, or a larger lambda.`,
    );
  }
  refuse(leastSequentialN({ radius, sigma, lambda, alpha, margin }), `certify the radius ${largest}`);
}
