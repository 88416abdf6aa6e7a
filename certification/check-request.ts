import { PerimeterError } from './perimeter-error.ts';
import type { Request } from './records/request.ts';
import { leastN } from './smoothing/least-n.ts';
import { leastPredictN } from './smoothing/least-predict-n.ts';

/**
 * Refuses a request that could never answer, before anything is read or drawn.
 *
 * @param margin the noise budget, where it is known already.
 * @throws PerimeterError `InvalidRequest` with the least n that can answer at the request's alpha.
 */
export function checkRequest({ mode, n, alpha, bound }: Pick<Request, 'mode' | 'n' | 'alpha' | 'bound'>, margin = 0) {
  const least = mode === 'predict' ? leastPredictN(alpha) : leastN({ alpha, margin, bound });
  if (n >= least) return;
  const answer = mode === 'predict' ? 'predict' : 'certify';
  throw new PerimeterError(
    'InvalidRequest',
    `n = ${n} is too small ever to ${answer} at alpha = ${alpha}, even if all samples agree: take n ≥ ${least}.`,
  );
}
