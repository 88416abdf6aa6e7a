import type { ComparisonAt } from '../records/audit.ts';
import { countCertified, type CertifiedRadii } from './certified-radii.ts';
import { holm } from './holm.ts';
import { mcnemar } from './mcnemar.ts';
import { pairedChanges } from './paired-changes.ts';

/**
 * Compares two runs on the same examples: at each radius which examples are certified in one and not in the other, and
 * whether the loss is more than chance (McNemar's exact test, one-sided, adjusted by Holm over the radii).
 *
 * @param options.run and `baseline`: of the same examples, in the same order.
 * @throws RangeError where they are of different lengths.
 */
export function compareCertified({
  radii,
  run,
  baseline,
}: {
  radii: readonly number[];
  run: CertifiedRadii;
  baseline: CertifiedRadii;
}): ComparisonAt[] {
  if (run.length !== baseline.length) {
    throw new RangeError(`Runs of ${run.length} and of ${baseline.length} examples can't be compared in pairs.`);
  }
  const changes = radii.map((radius) => {
    const changes = pairedChanges({ radii: baseline, radius }, { radii: run, radius });
    const [lost, gained] = [changes.lost.length, changes.gained.length];
    return { radius, lost, gained, pValue: mcnemar({ lost, gained }).ofLoss };
  });
  const adjusted = holm(changes.map(({ pValue }) => pValue));
  return changes.map(({ radius, lost, gained, pValue }, at) => ({
    radius,
    certified: countCertified(run, radius),
    baseline: countCertified(baseline, radius),
    lost,
    gained,
    pValue,
    adjustedPValue: adjusted[at],
  }));
}
