import { binomialLaw } from '../../bench/binomial-law.ts';
import type { SequentialThresholds } from '../../certification/smoothing/sequential-thresholds.ts';

/** Mass below this is dropped: in all far less than the digits that the tests compare. */
const NEGLIGIBLE = 1e-22;

/**
 * What sequential mode does with one radius where each sample is of the selected class with probability `p`, by dynamic
 * programming over the counts at each look.
 *
 * @param futility whether radii are given up at interim looks.
 */
export function sequentialLaw({
  thresholds: { looks, radii },
  p,
  futility,
}: {
  thresholds: SequentialThresholds;
  p: number;
  futility: boolean;
}): { certified: number; givenUpEarly: number; meanSamples: number } {
  const [{ reject, futile }] = radii;
  let open = new Map([[0, 1]]);
  let certified = 0;
  let givenUpEarly = 0;
  let meanSamples = 0;
  looks.forEach((t, look) => {
    const step = binomialLaw({ n: t - (looks[look - 1] ?? 0), p, negligible: NEGLIGIBLE });
    const next = new Map<number, number>();
    for (const [count, probability] of open) {
      meanSamples += probability * (t - (looks[look - 1] ?? 0));
      step.mass.forEach((mass, at) => {
        const reached = count + step.from + at;
        if (reached >= reject[look]) certified += probability * mass;
        else if (futility && look < looks.length - 1 && reached <= futile[look]) givenUpEarly += probability * mass;
        else if (look < looks.length - 1) {
          next.set(reached, (next.get(reached) ?? 0) + probability * mass);
        }
      });
    }
    open = new Map([...next].filter(([, probability]) => probability > NEGLIGIBLE));
  });
  return { certified, givenUpEarly, meanSamples };
}
