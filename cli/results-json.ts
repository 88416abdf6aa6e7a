import type { CertifiedResults } from '../certification/report/certified-results.ts';
import { certifiedPoint } from '../certification/report/tables/certified-point.ts';
import { oneNorm } from '../certification/report/tables/one-norm.ts';
import { upperEnvelope, whyNoEnvelope } from '../certification/report/upper-envelope.ts';
import { sharedRadii } from '../certification/report/tables/shared-radii.ts';

/**
 * Results as an object for machines: what each is of, its figures, and certified accuracy with its bounds at the radii.
 *
 * @param radii left out, those of `sharedRadii`.
 * @throws PerimeterError `InvalidRequest` where norms differ, or a result says nothing of a radius.
 */
export function resultsJson(results: readonly CertifiedResults[], radii: readonly number[] = sharedRadii(results)) {
  return {
    norm: oneNorm(results),
    radii,
    results: results.map((each) => ({
      ...describedResults(each),
      curve: radii.map((radius) => certifiedPoint(each, radius)),
    })),
    ...(results.length > 1 && { envelope: envelopeJson(results, radii) }),
  };
}

/** Their upper envelope at the radii, naming the best results of each, or why there is none. */
function envelopeJson(results: readonly CertifiedResults[], radii: readonly number[]) {
  const none = whyNoEnvelope(results);
  if (none !== undefined) return { none };
  const { of, rho, at } = upperEnvelope(results);
  const curve = radii.map(at).map(({ best, ...point }) => ({ ...point, best: best.map((each) => results[each].name) }));
  return { of, rho, curve };
}

/** What a result is of, and its figures that aren't at a radius. */
export function describedResults({ name, model, setting, summary, notes }: CertifiedResults) {
  const { examples, certified, abstained, skipped, failed, samples } = summary;
  const { cleanAccuracy, abstentionRate, averageCertifiedRadius } = summary;
  return {
    name,
    ...(model !== undefined && { model }),
    setting,
    ...{ examples, certified, abstained, skipped, failed, samples },
    ...{ cleanAccuracy, abstentionRate, averageCertifiedRadius },
    notes,
  };
}
